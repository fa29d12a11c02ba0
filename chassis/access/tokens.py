"""Access tokens: `at+jwt` (RFC 9068), ES256, five minutes; who somebody is, never what they may do."""

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from chassis.access.cache import Cache
from chassis.access.keys import PublicKeys
from chassis.clock import now
from chassis.errors import Unauthenticated
from chassis.ids import FastUUID

ISSUER, AUDIENCE, TYPE, ALGORITHM = "urn:kith:identity", "urn:kith:services", "at+jwt", "ES256"
LIFETIME_SECONDS = 300
LEEWAY_SECONDS = 30  # two machines' clocks
LONGEST_BYTES = 4096
HEADER = {"alg", "typ", "kid"}  # exactly: jku, x5u, x5c, jwk, crit and whatever comes next have no business here


@dataclass(frozen=True, slots=True)
class Claims:
    """What a token says; no rights, which may change while it lives."""

    tenant_id: UUID
    subject: UUID
    session_id: UUID | None  # None in a token a service got by exchange
    version: int  # of the principal when the token was made: an older one in the cache is read again
    expires: float  # seconds since 1970
    kid: str


class Tokens:
    """Verifies tokens; each one's claims are kept until it ends, so that its signature is checked once."""

    def __init__(self, keys: PublicKeys, issuer: str = ISSUER, audience: str = AUDIENCE) -> None:
        self._keys, self._issuer, self._audience = keys, issuer, audience
        self._known: Cache[str, Claims] = Cache()

    async def verify(self, digest: str, token: str) -> Claims:
        """`digest` stands for the token in the cache. Raises Unauthenticated, or Unavailable without keys."""
        claims = self._known.get(digest)
        if claims is None or claims.kid not in self._keys:
            claims = await self._verified(token)
            self._known.put(digest, claims)
        if claims.expires + LEEWAY_SECONDS <= now().timestamp():
            self._known.pop(digest)
            raise Unauthenticated("the token has expired")
        return claims

    async def _verified(self, token: str) -> Claims:
        if len(token) > LONGEST_BYTES:
            raise Unauthenticated("the token is too long")
        header = _header(token)
        if header.keys() != HEADER or (header["alg"], header["typ"]) != (ALGORITHM, TYPE):
            raise Unauthenticated("this is no access token of ours")
        key = await self._keys.find(str(header["kid"]))
        try:
            payload = jws.deserialize_compact(token, key, algorithms=[ALGORITHM]).payload
        except (JoseError, ValueError):
            raise Unauthenticated("the token is not ours") from None
        return self._claims(strict_json(payload), str(header["kid"]))

    def _claims(self, said: Mapping[str, Any], kid: str) -> Claims:
        if said.get("iss") != self._issuer or said.get("aud") != self._audience:
            raise Unauthenticated("the token is meant for somebody else")
        moments = [said.get(name, 0) for name in ("exp", "iat", "nbf")]
        numbers = [*moments, said.get("pv")]
        if any(type(number) is not int for number in numbers) or not isinstance(said.get("jti"), str):
            raise Unauthenticated("the token lacks a claim")
        expires, *begins = moments
        if max(begins) > now().timestamp() + LEEWAY_SECONDS:
            raise Unauthenticated("the token is not valid yet")
        try:
            session_id = FastUUID(said["sid"]) if said["sid"] else None
            return Claims(FastUUID(said["tid"]), FastUUID(said["sub"]), session_id, said["pv"], expires, kid)
        except (KeyError, ValueError, AttributeError, TypeError):
            raise Unauthenticated("the token lacks a claim") from None


def sign(key: ECKey, kid: str, claims: Mapping[str, Any]) -> str:
    """What identity does with claims; nobody else holds the private key."""
    header = {"alg": ALGORITHM, "typ": TYPE, "kid": kid}
    return jws.serialize_compact(header, json.dumps(claims).encode(), key, algorithms=[ALGORITHM])


def _header(token: str) -> dict[str, Any]:
    encoded = token.partition(".")[0]
    try:
        return strict_json(base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)))
    except (binascii.Error, ValueError):
        raise Unauthenticated("this is no token") from None


def strict_json(raw: bytes) -> dict[str, Any]:
    """JSON in which no name stands twice: two readers would take different ones. Raises Unauthenticated."""
    try:
        said = json.loads(raw, object_pairs_hook=_once)
    except (ValueError, RecursionError):
        raise Unauthenticated("this is no token") from None
    if not isinstance(said, dict):
        raise Unauthenticated("this is no token")
    return said


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    named = dict(pairs)
    if len(named) != len(pairs):
        raise ValueError("a name stands twice")
    return named
