"""Access tokens of browser sessions, kept in memory so that not every request asks identity for one."""

import asyncio
import time
from dataclasses import replace

from chassis.access.cache import Cache
from gateway.incoming import Incoming
from gateway.session.identity import Identity

SESSIONS = 10_000
EARLY_SECONDS = 30.0  # asked anew so long before it ends: clocks differ, and calls take time
LONGEST_SECONDS = 240.0


class KeptTokens:
    def __init__(self, identity: Identity) -> None:
        self._identity = identity
        self._kept: Cache[str, tuple[float, str]] = Cache(SESSIONS)
        self._asking: dict[str, asyncio.Future[str]] = {}

    def kept(self, secret: str) -> str:
        """ "" where identity has to be asked."""
        kept = self._kept.get(secret)
        return kept[1] if kept and kept[0] > time.monotonic() else ""

    async def token(self, incoming: Incoming, secret: str) -> str:
        """Requests that come side by side ask once. Raises Problem(UNAUTHENTICATED) for a session that ended."""
        if kept := self.kept(secret):
            return kept
        asking = self._asking.get(secret)
        if asking is None:
            asking = self._asking[secret] = asyncio.ensure_future(self.fresh(incoming, secret))
            asking.add_done_callback(lambda done: self._asked(secret, done))
        return await asyncio.shield(asking)

    async def instead_of(self, stale: str, incoming: Incoming, secret: str) -> str:
        """Another token than the one that was not taken. Raises Problem(UNAUTHENTICATED) for a session that ended."""
        if self.kept(secret) == stale:
            self.forget(secret)
        return await self.token(incoming, secret)

    async def fresh(self, incoming: Incoming, secret: str) -> str:
        """Asks identity whatever is kept: the answer to "has it ended?". Raises Problem(UNAUTHENTICATED)."""
        self._kept.pop(secret)
        tokens = await self._identity.resume(replace(incoming, token="", renew=None), secret)
        self.keep(secret, tokens.access_token, tokens.until)
        return tokens.access_token

    def keep(self, secret: str, token: str, until: float) -> None:
        seconds = min(LONGEST_SECONDS, until - time.time() - EARLY_SECONDS)
        if seconds > 0:
            self._kept.put(secret, (time.monotonic() + seconds, token))

    def forget(self, secret: str) -> None:
        self._kept.pop(secret)

    def _asked(self, secret: str, done: "asyncio.Future[str]") -> None:
        del self._asking[secret]
        if not done.cancelled():
            done.exception()  # told to whoever still waits; nobody else needs to hear
