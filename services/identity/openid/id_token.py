"""Whether an id_token may be believed (OpenID Connect Core 1.0, section 3.1.3.7), and what it says."""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError

from chassis.access.tokens import strict_json
from chassis.errors import Unauthenticated
from identity.openid.published import ALGORITHMS, Key

LONGEST_BYTES = 32_768
LEEWAY_SECONDS = 60  # two machines' clocks
OLDEST_SECONDS = 600  # it was made for this sign-in, which takes no longer
# What would have the token choose its own key, or mean something we do not know.
TREACHEROUS = frozenset({"jku", "jwk", "x5u", "x5c", "crit", "b64", "zip"})


class SsoTokenRefused(Unauthenticated): ...


@dataclass(frozen=True, slots=True)
class Expected:
    """What the token of this sign-in, and of no other, says."""

    issuer: str
    client_id: str
    nonce: str
    access_token: str  # that came along with it; "" for none
    now: float


def header_of(token: str) -> tuple[str, str]:
    """`kid`, "" without, and the algorithm, one of ALGORITHMS. Raises SsoTokenRefused."""
    encoded = token.partition(".")[0]
    try:
        if len(token) > LONGEST_BYTES:
            raise SsoTokenRefused("the id_token is too long")
        header = strict_json(base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)))
    except (ValueError, Unauthenticated):
        raise SsoTokenRefused("the id_token is none") from None
    if header.get("alg") not in ALGORITHMS or TREACHEROUS & header.keys():
        raise SsoTokenRefused("the id_token is signed in no way we trust")
    return str(header.get("kid", "")), str(header["alg"])


def claims_of(token: str, key: Key | None, algorithm: str, expected: Expected) -> Mapping[str, Any]:
    """Raises SsoTokenRefused."""
    if key is None:
        raise SsoTokenRefused("the id_token is signed with no key of its issuer")
    try:
        claims = strict_json(jws.deserialize_compact(token, key, algorithms=[algorithm]).payload)
    except (JoseError, ValueError, TypeError, Unauthenticated):
        raise SsoTokenRefused("the id_token is not its issuer's") from None
    _refuse_stranger(claims, expected)
    _refuse_untimely(claims, expected.now)
    if not hmac.compare_digest(str(claims.get("nonce", "")).encode(), expected.nonce.encode()):
        raise SsoTokenRefused("the id_token was made for another sign-in")
    if "at_hash" in claims and claims["at_hash"] != hash_of(expected.access_token, algorithm):
        raise SsoTokenRefused("the id_token came with another access token")
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= 255 or "\0" in subject:
        raise SsoTokenRefused("the id_token names nobody")
    return claims


def hash_of(access_token: str, algorithm: str) -> str:
    """`at_hash`: the left half of the hash that the signature uses."""
    digest = hashlib.sha512 if algorithm == "EdDSA" else getattr(hashlib, f"sha{algorithm[2:]}")
    whole: bytes = digest(access_token.encode()).digest()
    return base64.urlsafe_b64encode(whole[: len(whole) // 2]).decode().rstrip("=")


def _refuse_stranger(claims: Mapping[str, Any], expected: Expected) -> None:
    audience = claims.get("aud")
    audiences = audience if isinstance(audience, list) else [audience]
    if claims.get("iss") != expected.issuer or expected.client_id not in audiences:
        raise SsoTokenRefused("the id_token is another's, or for another")
    if len(audiences) > 1 and "azp" not in claims:
        raise SsoTokenRefused("the id_token is for several and does not say who asked")
    if claims.get("azp", expected.client_id) != expected.client_id:
        raise SsoTokenRefused("another client asked for the id_token")


def _refuse_untimely(claims: Mapping[str, Any], now: float) -> None:
    expires, made, begins = (claims.get(name, 0) for name in ("exp", "iat", "nbf"))
    for one in (expires, made, begins):
        if isinstance(one, bool) or not isinstance(one, (int, float)) or not isfinite(one):  # json reads NaN, too
            raise SsoTokenRefused("the id_token does not say when")
    if expires + LEEWAY_SECONDS <= now or max(made, begins) > now + LEEWAY_SECONDS:
        raise SsoTokenRefused("the id_token is over, or not valid yet")
    if made < now - OLDEST_SECONDS:
        raise SsoTokenRefused("the id_token was made long before this sign-in")
