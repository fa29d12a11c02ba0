"""The data keys of tenants, as a process holds them: asked for when first needed, again each minute, never written."""

import base64
import hashlib
import hmac
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from uuid import UUID

from cryptography.exceptions import InvalidTag

from chassis.access.cache import Cache
from chassis.errors import Refusal, Unavailable
from chassis.sealed.sealer import Sealer

FRESH_SECONDS, TENANTS = 60.0, 10_000
_BEGIN = "\x01sealed:"  # no text of a person begins with a control character


class KeyUnknown(Unavailable):
    """What is sealed cannot be read or written before identity was asked; asked again, it is known."""


KeyUnknown.reason = Unavailable.reason


@dataclass(frozen=True)
class KeyRing:
    """One tenant's keys by version; new values are sealed with the `current` one."""

    current: int
    keys: Mapping[int, Sealer]
    digest_key: bytes = b""  # the same for ever: what it made is compared with

    def seal(self, place: bytes, text: str) -> str:
        """A token that opens at this `place` only: AES-GCM, by a fresh nonce."""
        sealed = self.keys[self.current].seal(place, text.encode())
        return f"{_BEGIN}{self.current}:{base64.b64encode(sealed).decode()}"

    def open(self, place: bytes, token: str) -> str:
        """Raises KeyUnknown for a version that is not here, ValueError for what was sealed elsewhere, or not at all."""
        version, _, text = token.removeprefix(_BEGIN).partition(":")
        return self._opened(int(version), place, base64.b64decode(text)).decode()

    def digest(self, text: str) -> bytes:
        """By which a text is known again and not read. Raises KeyUnknown where the key was not told."""
        if not self.digest_key:
            raise KeyUnknown("what digests of this tenant are made with is not known here yet")
        return hmac.digest(self.digest_key, text.encode(), hashlib.sha256)

    def seal_bytes(self, place: bytes, content: bytes) -> bytes:
        """As `seal`, of what is no text."""
        return self.current.to_bytes(4) + self.keys[self.current].seal(place, content)

    def open_bytes(self, place: bytes, sealed: bytes) -> bytes:
        """Raises as `open` does."""
        return self._opened(int.from_bytes(sealed[:4]), place, sealed[4:])

    def _opened(self, version: int, place: bytes, sealed: bytes) -> bytes:
        key = self.keys.get(version)
        if key is None:
            raise KeyUnknown(f"data key {version} of this tenant is not known here yet")
        try:
            return key.open(place, sealed)
        except InvalidTag:
            raise ValueError("it was not sealed here") from None


def is_sealed(text: str) -> bool:
    return text.startswith(_BEGIN)


class DataKeys:
    """One a process. `ask` asks identity, never inside a transaction."""

    def __init__(self, ask: Callable[[UUID], Awaitable[KeyRing]], clock: Callable[[], float] = time.monotonic) -> None:
        self._ask, self._clock = ask, clock
        self._known: Cache[UUID, tuple[float, KeyRing]] = Cache(TENANTS)

    async def of(self, tenant_id: UUID) -> KeyRing:
        """Those of a minute ago while identity is away. Raises KeyUnknown where none were ever heard."""
        known = self._known.get(tenant_id)
        if known and self._clock() - known[0] < FRESH_SECONDS:
            return known[1]
        try:
            ring = await self._ask(tenant_id)
        except Refusal as refusal:
            if known:
                return known[1]
            raise KeyUnknown("the data key of this tenant cannot be read now") from refusal
        self._known.put(tenant_id, (self._clock(), ring))
        return ring

    async def unlock(self, tenant_id: UUID) -> None:
        """So that `known` knows them; while identity is away, only who needs them is refused."""
        try:
            await self.of(tenant_id)
        except KeyUnknown:
            return

    def known(self, tenant_id: UUID) -> KeyRing:
        """Without asking, as within a transaction. Raises KeyUnknown."""
        known = self._known.get(tenant_id)
        if known is None:
            raise KeyUnknown("the data key of this tenant is not known here yet")
        return known[1]
