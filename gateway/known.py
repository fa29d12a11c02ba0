"""Whose a token is: asked of identity once, so that limits and live updates know the tenant.

This decides no right: each service verifies the token itself. It only says which bucket a request empties and whose
changes a stream tells.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from google.rpc.code_pb2 import Code

from chassis.access.cache import Cache
from gateway.incoming import Incoming
from gateway.problems import Problem

KEPT_SECONDS = 300.0  # a token lives no longer; a key is asked for again
UNSURE_SECONDS = 5.0  # while identity does not answer
TOKENS = 10_000
AWAY = {Code.UNAVAILABLE, Code.DEADLINE_EXCEEDED}


@dataclass(frozen=True)
class Known:
    """Empty ids: identity could not be asked, and the request goes on, since services know people for a while yet."""

    tenant_id: str
    user_id: str
    until: float


class Callers:
    """`who_am_i` answers (tenant id, user id), or raises Problem. Tokens are kept in memory only, at most 10,000."""

    def __init__(self, who_am_i: Callable[[Incoming], Awaitable[tuple[str, str]]]) -> None:
        self._who_am_i = who_am_i
        self._known: Cache[str, Known] = Cache(TOKENS)
        self._asking: dict[str, asyncio.Future[Known]] = {}

    def remembered(self, token: str) -> Known | None:
        known = self._known.get(token)
        return known if known and known.until > time.monotonic() else None

    async def ask(self, incoming: Incoming) -> Known:
        """Requests that come side by side ask once. Raises Problem(UNAUTHENTICATED)."""
        token = incoming.token
        asking = self._asking.get(token)
        if asking is None:
            asking = self._asking[token] = asyncio.ensure_future(self._ask(incoming))
            asking.add_done_callback(lambda done: self._asked(token, done))
        return await asyncio.shield(asking)  # one who leaves does not stop the others

    def _asked(self, token: str, done: "asyncio.Future[Known]") -> None:
        del self._asking[token]
        if not done.cancelled():
            done.exception()  # told to whoever still waits; nobody else needs to hear

    async def _ask(self, incoming: Incoming) -> Known:
        try:
            tenant_id, user_id = await self._who_am_i(incoming)
        except Problem as problem:
            if problem.code not in AWAY:
                raise
            known = Known("", "", time.monotonic() + UNSURE_SECONDS)
        else:
            known = Known(tenant_id, user_id, time.monotonic() + KEPT_SECONDS)
        self._known.put(incoming.token, known)
        return known
