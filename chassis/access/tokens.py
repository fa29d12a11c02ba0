"""Turns a bearer token into a Caller: signature, expiry, then the principal it stands for, as identity has it now."""

import base64
import hashlib
import hmac
import time
from collections.abc import AsyncIterable, Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

import orjson

from chassis.access.caller import Caller
from chassis.errors import Unauthenticated

# (tenant, subject) -> Caller; in a suite this asks identity, here a test fills it.
Principals = Callable[[str, str], Awaitable[Caller]]
CACHED = 10_000
K, V = TypeVar("K"), TypeVar("V")


@dataclass(frozen=True, slots=True)
class Claims:
    """What a token says; no rights, which may change while it lives."""

    tenant: str
    subject: str
    version: int  # of the principal when the token was made: an older one in the cache is read again
    expires: float


class Authenticator:
    """Verifies `<claims>.<signature>`; a production one differs only in `_verified` (ES256 over JWKS).

    Two caches, since they end differently: a token's claims with the token, a principal when identity says so.
    """

    def __init__(self, key: bytes, principals: Principals) -> None:
        self._key, self._ask = key, principals
        self._claims: dict[bytes, Claims] = {}
        self._principals: dict[tuple[str, str], tuple[int, Caller]] = {}
        self._forgotten = 0

    async def __call__(self, metadata: Iterable[tuple[str, str | bytes]]) -> Caller:
        """Raises Unauthenticated."""
        token = next((str(value) for name, value in metadata if name == "authorization"), "")
        digest = hashlib.sha256(token.encode()).digest()
        claims = self._claims.get(digest)
        if claims is None:
            claims = self._verified(token.removeprefix("Bearer "))
            _keep(self._claims, digest, claims)
        if claims.expires <= time.time():
            self._claims.pop(digest, None)
            raise Unauthenticated("the token has expired")
        who = claims.tenant, claims.subject
        version, caller = self._principals.get(who, (-1, None))
        if caller is None or version < claims.version:
            forgotten = self._forgotten
            caller = await self._ask(*who)
            if forgotten == self._forgotten:  # else the answer may be older than what identity has said since
                _keep(self._principals, who, (claims.version, caller))
        return caller

    async def watch(self, changes: AsyncIterable[tuple[str, str]]) -> None:
        """Forget each principal identity names. When the stream breaks, forget all: nobody knows what was missed."""
        try:
            async for who in changes:
                self._forgotten += 1
                self._principals.pop(who, None)
        finally:
            self._forgotten += 1
            self._principals.clear()

    def _verified(self, token: str) -> Claims:
        body, _, signature = token.partition(".")
        if not hmac.compare_digest(signature.encode(), sign(self._key, body).encode()):
            raise Unauthenticated("the token is not ours")
        said = orjson.loads(base64.urlsafe_b64decode(body))
        return Claims(said["tid"], said["sub"], said["pv"], said["exp"])


def _keep(cache: dict[K, V], key: K, value: V) -> None:
    if len(cache) >= CACHED:
        del cache[next(iter(cache))]
    cache[key] = value


def issue(key: bytes, tenant: str, subject: str, version: int = 1, seconds: float = 300) -> str:
    """What identity does at login."""
    claims = orjson.dumps({"tid": tenant, "sub": subject, "pv": version, "exp": time.time() + seconds})
    body = base64.urlsafe_b64encode(claims).decode()
    return f"{body}.{sign(key, body)}"


def sign(key: bytes, body: str) -> str:
    return hmac.digest(key, body.encode(), hashlib.sha256).hex()
