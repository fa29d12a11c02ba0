"""Turns what stands in `authorization` into a Caller: a token or an API key, then the principal behind it."""

import hashlib
import re
from collections.abc import Iterable
from typing import Protocol
from uuid import UUID

from chassis.access.caller import Caller
from chassis.access.principals import KEY_SECONDS, Principals
from chassis.access.tokens import LONGEST_BYTES, Tokens
from chassis.errors import Unauthenticated

API_KEY = re.compile(r"^kith_[a-z0-9]{1,32}_[A-Za-z0-9]{20,200}$")


class Identity(Protocol):
    """Whom to ask: identity over the network (`chassis.access.neighbour`), or, inside identity, its own tables."""

    async def principal(self, tenant_id: UUID, user_id: UUID, session_id: UUID | None) -> Caller:
        """Raises Unauthenticated for one who may not work any more, or whose session has ended."""
        ...

    async def key_holder(self, digest: bytes) -> Caller:
        """Who the API key with this SHA-256 acts as, within its scopes. Raises Unauthenticated."""
        ...


class Authenticator:
    """Two caches, since they end differently: a token's claims with the token, a principal when identity says so."""

    def __init__(self, tokens: Tokens, principals: Principals, identity: Identity) -> None:
        self._tokens, self._principals, self._identity = tokens, principals, identity

    async def __call__(self, metadata: Iterable[tuple[str, str | bytes]]) -> Caller:
        """Raises Unauthenticated, or Unavailable for somebody not known yet while identity is away."""
        said = [str(value) for name, value in metadata if name == "authorization"]
        scheme, _, secret = said[0].partition(" ") if len(said) == 1 else ("", "", "")
        if scheme.lower() != "bearer" or not secret or len(secret) > LONGEST_BYTES:
            raise Unauthenticated("this call needs `authorization: Bearer` with an access token or an API key")
        digest = hashlib.sha256(secret.encode(errors="replace")).digest()
        if secret.startswith("kith_"):
            return await self._of_key(digest, secret)
        claims = await self._tokens.verify(digest.hex(), secret)
        who = claims.tenant_id, claims.subject
        return await self._principals.get(
            (*who, claims.session_id),
            lambda: self._identity.principal(*who, claims.session_id),
            who,
            version=claims.version,
        )

    async def _of_key(self, digest: bytes, secret: str) -> Caller:
        if not API_KEY.match(secret):
            raise Unauthenticated("this is no API key")
        return await self._principals.get(digest, lambda: self._identity.key_holder(digest), seconds=KEY_SECONDS)
