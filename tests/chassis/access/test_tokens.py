"""S16: whatever is not an access token of ours, meant for us and valid now, is UNAUTHENTICATED."""

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from joserfc import jws
from joserfc.jwk import ECKey, RSAKey

from chassis.access.tokens import AUDIENCE, LIFETIME_SECONDS, TYPE, sign
from chassis.errors import Unauthenticated, Unavailable
from tests.chassis.access.authority import ANN, TENANT, Authority, bearer

HEADER = {"alg": "ES256", "typ": TYPE, "kid": "first"}


def encoded(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).decode().rstrip("=")


def by_hand(header: dict[str, Any] | bytes, claims: dict[str, Any] | bytes, signature: bytes = b"") -> str:
    parts = [part if isinstance(part, bytes) else json.dumps(part).encode() for part in (header, claims)]
    return ".".join([*map(encoded, parts), encoded(signature)])


def signed(authority: Authority, header: dict[str, Any], key: Any = None, algorithm: str = "ES256") -> str:
    """Rightly signed, under a header of the attacker's choice."""
    registry = jws.JWSRegistry(algorithms=[algorithm], strict_check_header=False)
    payload = json.dumps(authority.claims()).encode()
    return jws.serialize_compact(header, payload, key or authority.key, algorithms=[algorithm], registry=registry)


def raw_signed(authority: Authority, header: bytes, payload: bytes) -> str:
    """Rightly signed bytes that json.dumps would never write."""
    head, body = encoded(header), encoded(payload)
    signature = jws.JWSRegistry.algorithms["ES256"].sign(f"{head}.{body}".encode(), authority.key)
    return f"{head}.{body}.{encoded(signature)}"


def hs256_with_the_public_key(authority: Authority) -> str:
    secret = authority.key.as_pem(private=False)
    body = by_hand({**HEADER, "alg": "HS256"}, authority.claims()).rpartition(".")[0]
    return f"{body}.{encoded(hmac.digest(secret, body.encode(), hashlib.sha256))}"


def duplicate_claim(authority: Authority) -> str:
    payload = json.dumps(authority.claims())[:-1] + f', "sub": "{ANN}"}}'
    return raw_signed(authority, json.dumps(HEADER).encode(), payload.encode())


def duplicate_header(authority: Authority) -> str:
    header = json.dumps(HEADER)[:-1] + ', "alg": "ES256"}'
    return raw_signed(authority, header.encode(), json.dumps(authority.claims()).encode())


def own_key(authority: Authority) -> dict[str, Any]:
    return {**ECKey.generate_key("P-256").as_dict(private=False)}


ATTACKS: dict[str, Callable[[Authority], str]] = {
    "none": lambda a: by_hand({**HEADER, "alg": "none"}, a.claims()),
    "None": lambda a: by_hand({**HEADER, "alg": "None"}, a.claims()),
    "no signature": lambda a: by_hand(HEADER, a.claims()),
    "zero signature (CVE-2022-21449)": lambda a: by_hand(HEADER, a.claims(), bytes(64)),
    "hs256 with the public key": hs256_with_the_public_key,
    "rs256": lambda a: signed(a, {**HEADER, "alg": "RS256"}, RSAKey.generate_key(2048), "RS256"),
    "another's key under our kid": lambda a: signed(a, HEADER, ECKey.generate_key("P-256")),
    "jku": lambda a: signed(a, {**HEADER, "jku": "https://evil.example/keys"}),
    "x5u": lambda a: signed(a, {**HEADER, "x5u": "https://evil.example/cert"}),
    "jwk": lambda a: signed(a, {**HEADER, "jwk": own_key(a)}),
    "x5c": lambda a: signed(a, {**HEADER, "x5c": ["MII="]}),
    "crit": lambda a: raw_signed(a, json.dumps({**HEADER, "crit": ["exp"]}).encode(), json.dumps(a.claims()).encode()),
    "kid path traversal": lambda a: signed(a, {**HEADER, "kid": "../../../dev/null"}),
    "kid sql": lambda a: signed(a, {**HEADER, "kid": "' or 1=1 --"}),
    "kid unknown": lambda a: signed(a, {**HEADER, "kid": "another"}),
    "kid a number": lambda a: signed(a, {**HEADER, "kid": "1"}),
    "no kid": lambda a: signed(a, {"alg": "ES256", "typ": TYPE}),
    "id token (typ JWT)": lambda a: signed(a, {**HEADER, "typ": "JWT"}),
    "no typ": lambda a: signed(a, {"alg": "ES256", "kid": "first"}),
    "wrong issuer": lambda a: a.token(iss="https://evil.example"),
    "wrong audience": lambda a: a.token(aud="another"),
    "an id token's audience": lambda a: a.token(aud=[AUDIENCE, "web"]),
    "no audience": lambda a: sign(a.key, a.kid, {k: v for k, v in a.claims().items() if k != "aud"}),
    "no expiry": lambda a: sign(a.key, a.kid, {k: v for k, v in a.claims().items() if k != "exp"}),
    "no subject": lambda a: sign(a.key, a.kid, {k: v for k, v in a.claims().items() if k != "sub"}),
    "no tenant": lambda a: sign(a.key, a.kid, {k: v for k, v in a.claims().items() if k != "tid"}),
    "no session": lambda a: sign(a.key, a.kid, {k: v for k, v in a.claims().items() if k != "sid"}),
    "no version": lambda a: sign(a.key, a.kid, {k: v for k, v in a.claims().items() if k != "pv"}),
    "no jti": lambda a: sign(a.key, a.kid, {k: v for k, v in a.claims().items() if k != "jti"}),
    "subject no id": lambda a: a.token(sub="admin"),
    "expired": lambda a: a.token(exp=a.claims()["iat"] - 60),
    "expiry as text": lambda a: a.token(exp="9999999999"),
    "expiry NaN": lambda a: a.token(exp=float("nan")),
    "expiry true": lambda a: a.token(exp=True),
    "future nbf": lambda a: a.token(nbf=a.claims()["iat"] + 120),
    "future iat": lambda a: a.token(iat=a.claims()["iat"] + 120),
    "huge": lambda a: a.token(padding="x" * 9_000),
    "duplicate claim": duplicate_claim,
    "duplicate header": duplicate_header,
    "claims no object": lambda a: raw_signed(a, json.dumps(HEADER).encode(), b'["sub"]'),
    "deep nesting": lambda a: raw_signed(a, b'{"alg":' + b"[" * 1_500 + b"]" * 1_500 + b"}", b"{}"),
    "four parts": lambda a: a.token() + ".x",
    "a refresh token": lambda a: "kr" + encoded(bytes(48)),
    "an API key of no shape": lambda a: "kith_x_!",
    "altered claims": lambda a: ".".join([*a.token().split(".")[:1], encoded(b'{"sub":"x"}'), a.token().split(".")[2]]),
    "text that is no base64": lambda a: "§§§.§§§.§§§",
    "nothing": lambda a: "",
}


@pytest.mark.parametrize("attack", ATTACKS)
async def test_s16_what_is_not_an_access_token_of_ours_is_unauthenticated(attack: str) -> None:
    authority = Authority()
    authenticate, _ = authority.parts()
    assert (await authenticate(bearer(authority.token()))).user_id == ANN  # else everything would be refused
    asked = authority.asked
    for _ in range(2):  # the second time the cache is asked first
        with pytest.raises(Unauthenticated):
            await authenticate(bearer(ATTACKS[attack](authority)))
    assert authority.asked == asked  # nobody was looked up for it


@pytest.mark.parametrize(
    "metadata",
    [
        [],
        [("authorization", "Basic YTpi")],
        [("authorization", "Bearer")],
        [("x-tenant", str(TENANT)), ("x-user", str(ANN))],
    ],
)
async def test_s16_nothing_but_a_bearer_counts(metadata: list[tuple[str, str | bytes]]) -> None:
    authenticate, _ = Authority().parts()
    with pytest.raises(Unauthenticated):
        await authenticate(metadata)


async def test_s16_two_authorizations_are_none() -> None:
    authority = Authority()
    authenticate, _ = authority.parts()
    with pytest.raises(Unauthenticated):
        await authenticate(bearer(authority.token()) * 2)


async def test_a_known_token_ends_with_its_time() -> None:
    authority = Authority()
    authenticate, principals = authority.parts()
    principals.listening()
    token = bearer(authority.token())
    await authenticate(token)
    with time_machine.travel(authority.claims()["iat"] + LIFETIME_SECONDS + 31), pytest.raises(Unauthenticated):
        await authenticate(token)


async def test_s24_a_new_key_is_fetched_when_a_token_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chassis.access.keys.REFETCH_SECONDS", 0.0)
    authority = Authority()
    authenticate, _ = authority.parts()
    old = authority.token()
    await authenticate(bearer(old))
    authority.key, authority.kid = ECKey.generate_key("P-256"), "second"
    await authenticate(bearer(authority.token()))
    with pytest.raises(Unauthenticated):  # and the one identity no longer has is gone, for tokens known already too
        await authenticate(bearer(old))


async def test_invented_kids_do_not_flood_identity() -> None:
    authority = Authority()
    authenticate, _ = authority.parts()
    await authenticate(bearer(authority.token()))
    attempts = [authenticate(bearer(signed(authority, {**HEADER, "kid": f"k{n}"}))) for n in range(50)]
    refused = await asyncio.gather(*attempts, return_exceptions=True)
    assert {type(one) for one in refused} == {Unauthenticated}
    assert authority.fetched == 1


async def test_without_keys_nobody_is_refused_for_good() -> None:
    authority = Authority()
    authenticate, _ = authority.parts()
    authority.away = True
    with pytest.raises(Unavailable):
        await authenticate(bearer(authority.token()))
