"""The public keys tokens are verified with: identity's, fetched from identity, and from nowhere a token says."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from chassis.errors import Refusal, Unauthenticated, Unavailable

FetchKeys = Callable[[], Awaitable[Mapping[str, Any]]]  # a JWKS (RFC 7517), as json.loads gives it; may raise a Refusal
KID = re.compile(r"^[A-Za-z0-9_-]{1,64}$")
REFETCH_SECONDS = 3.0  # not more often, or strangers with invented kids could make us flood identity
RETRY_SECONDS = 0.25  # after identity did not answer
OLD_SECONDS = 300.0  # a key that identity withdrew is good for no longer than this


class PublicKeys:
    """Cached by `kid`; an unknown one is looked for at identity, at most every few seconds, once for all who wait.

    A withdrawn one never comes back, whatever a replica of identity that has not heard of it yet may answer.
    """

    def __init__(self, fetch: FetchKeys) -> None:
        self._fetch = fetch
        self._keys: dict[str, ECKey] = {}
        self._fetched = self._tried = float("-inf")
        self._withdrawn: set[str] = set()
        self._doubted = False
        self._one = asyncio.Lock()

    def __contains__(self, kid: str) -> bool:
        return kid in self._keys and not self._doubted

    def withdraw(self, kid: str) -> None:
        """From now on no token is believed because of it."""
        self._withdrawn.add(kid)
        self._keys.pop(kid, None)
        self._tried = float("-inf")  # what is signed with instead may be new to us

    def doubt(self) -> None:
        """Nobody knows what was withdrawn before now: each key is asked for again before it is believed again."""
        self._doubted, self._tried = True, float("-inf")

    async def find(self, kid: str) -> ECKey:
        """Raises Unauthenticated for a key identity does not have, Unavailable while identity cannot be asked."""
        if not KID.match(kid):
            raise Unauthenticated("the token names no key of ours")
        if kid not in self or self._since(self._fetched) > OLD_SECONDS:
            await self._refetch(kid)
        if kid not in self._keys:
            raise Unauthenticated("the token names no key of ours")
        return self._keys[kid]

    async def _refetch(self, kid: str) -> None:
        async with self._one:
            failed = self._fetched != self._tried
            if self._since(self._tried) > (RETRY_SECONDS if failed else REFETCH_SECONDS):
                self._tried = asyncio.get_running_loop().time()
                try:
                    found = keys_of(await self._fetch())
                except Refusal:
                    failed = True
                else:
                    self._keys = {kid: key for kid, key in found.items() if kid not in self._withdrawn}
                    self._fetched, self._doubted, failed = self._tried, False, False
        if failed and kid not in self._keys:  # an old key beats none: tokens end within minutes
            raise Unavailable("the keys of tokens cannot be fetched; retry")

    def _since(self, moment: float) -> float:
        return asyncio.get_running_loop().time() - moment


def keys_of(jwks: Mapping[str, Any]) -> dict[str, ECKey]:
    """The keys of a set that we could use: P-256, for signatures; others are passed over, as RFC 7517 wants."""
    found = {}
    for one in jwks.get("keys", ()):
        if (one.get("kty"), one.get("crv"), one.get("use", "sig")) == ("EC", "P-256", "sig") and one.get("kid"):
            try:
                found[str(one["kid"])] = ECKey.import_key({name: one[name] for name in ("kty", "crv", "x", "y")})
            except (JoseError, KeyError, ValueError):
                continue
    return found
