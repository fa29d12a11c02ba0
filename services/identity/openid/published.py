"""What an identity provider publishes about itself: where its doors are, and its keys; asked for seldom."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey, RSAKey

from chassis.access.cache import Cache
from chassis.access.tokens import strict_json
from chassis.errors import FailedPrecondition, Unauthenticated, Unavailable
from identity.openid.outbound import Answer, Outbound, Unreachable

KEPT_SECONDS = 3600.0
REFETCH_SECONDS = 10.0  # keys are asked for again because of an unknown `kid` no more often: a stranger can invent many
PROVIDERS = 1000  # of all tenants, kept at once
SHORTEST_RSA_BITS = 2048
# Signatures that only the provider can make; HS256 and its like could be made by whoever has the client secret.
ALGORITHMS: Mapping[str, tuple[str, str]] = {
    **{f"{family}{bits}": ("RSA", "") for family in ("RS", "PS") for bits in (256, 384, 512)},
    "ES256": ("EC", "P-256"),
    "ES384": ("EC", "P-384"),
    "ES512": ("EC", "P-521"),
    "EdDSA": ("OKP", "Ed25519"),
}
KINDS: Mapping[str, type[RSAKey] | type[ECKey] | type[OKPKey]] = {"RSA": RSAKey, "EC": ECKey, "OKP": OKPKey}
Key: TypeAlias = RSAKey | ECKey | OKPKey


class ProviderUnreachable(Unavailable): ...


class ProviderUnfit(FailedPrecondition): ...


@dataclass(frozen=True, slots=True)
class Published:
    """Of OpenID Connect Discovery 1.0, what we go by."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    names_itself: bool  # its answers carry `iss` (RFC 9207), so one without is somebody else's
    secret_in_body: bool  # how a client shows its secret


@dataclass(frozen=True, slots=True)
class Keys:
    by_kid: Mapping[str, list[tuple[Key, Mapping[str, Any]]]]
    fetched: float  # by the event loop's clock


class OpenId:
    """What all providers publish; one a process. Never called inside a transaction: it waits for strangers."""

    def __init__(self, outbound: Outbound) -> None:
        self.outbound = outbound
        self._published: Cache[str, tuple[float, Published]] = Cache(PROVIDERS)
        self._keys: Cache[str, Keys] = Cache(PROVIDERS)

    async def published(self, issuer: str, *, anew: bool = False) -> Published:
        """Raises ProviderUnreachable, ProviderUnfit."""
        kept = self._published.get(issuer)
        if kept and not anew and kept[0] > _now():
            return kept[1]
        found = published_of(
            issuer, self._json(await self._get(issuer.rstrip("/") + "/.well-known/openid-configuration"))
        )
        self._published.put(issuer, (_now() + KEPT_SECONDS, found))
        return found

    async def test(self, issuer: str) -> None:
        """Ask for all of it now. Raises ProviderUnreachable, ProviderUnfit."""
        published = await self.published(issuer, anew=True)
        if not (await self._fetched(published)).by_kid:
            raise ProviderUnfit("publishes no key to verify signatures with")

    async def key(self, published: Published, kid: str, algorithm: str) -> Key | None:
        """The one key that fits; a `kid` not known yet is looked for once more. Raises ProviderUnreachable."""
        keys = self._keys.get(published.jwks_uri)
        if keys is None or _now() - keys.fetched > KEPT_SECONDS:
            keys = await self._fetched(published)
        found = fitting(keys, kid, algorithm)
        if found is None and _now() - keys.fetched > REFETCH_SECONDS:
            found = fitting(await self._fetched(published), kid, algorithm)
        return found

    async def _fetched(self, published: Published) -> Keys:
        keys = Keys(keys_of(self._json(await self._get(published.jwks_uri))), _now())
        self._keys.put(published.jwks_uri, keys)
        return keys

    async def _get(self, url: str) -> Answer:
        try:
            answer = await self.outbound.get(url)
        except Unreachable as error:
            raise ProviderUnreachable("the identity provider cannot be reached") from error
        if answer.status >= 500:
            raise ProviderUnreachable("the identity provider has a fault of its own")
        if answer.status != 200:
            raise ProviderUnfit("the identity provider publishes nothing where it should")
        return answer

    def _json(self, answer: Answer) -> dict[str, Any]:
        try:
            return strict_json(answer.body)
        except Unauthenticated:
            raise ProviderUnfit("the identity provider does not speak JSON") from None


def published_of(issuer: str, said: Mapping[str, Any]) -> Published:
    """Raises ProviderUnfit."""
    if said.get("issuer") != issuer:
        raise ProviderUnfit("the identity provider names another issuer than itself")
    doors = {name: said.get(name) for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")}
    for name, door in doors.items():
        if not isinstance(door, str) or not door.startswith(("https://", "http://")) or "#" in door:
            raise ProviderUnfit(f"the identity provider publishes no {name}")
        if issuer.startswith("https://") and not door.startswith("https://"):
            raise ProviderUnfit(f"its {name} is not behind TLS")
    challenges = said.get("code_challenge_methods_supported")
    if challenges is not None and "S256" not in _list(challenges):
        raise ProviderUnfit("the identity provider does not take PKCE with S256")
    signed = _list(said.get("id_token_signing_alg_values_supported"))
    if signed and not ALGORITHMS.keys() & set(signed):
        raise ProviderUnfit("the identity provider signs in no way we trust")
    ways = _list(said.get("token_endpoint_auth_methods_supported"))
    return Published(
        issuer,
        **{name: str(door) for name, door in doors.items()},
        names_itself=said.get("authorization_response_iss_parameter_supported") is True,
        secret_in_body="client_secret_post" in ways and "client_secret_basic" not in ways,
    )


def keys_of(said: Mapping[str, Any]) -> dict[str, list[tuple[Key, Mapping[str, Any]]]]:
    """Those a signature may be verified with, by `kid` ("" without); others are passed over, as RFC 7517 wants."""
    found: dict[str, list[tuple[Key, Mapping[str, Any]]]] = {}
    for one in _list(said.get("keys")):
        if not isinstance(one, dict) or one.get("kty") not in KINDS or one.get("use", "sig") != "sig" or "d" in one:
            continue
        try:
            key = KINDS[one["kty"]].import_key(one)
        except (JoseError, ValueError, TypeError, KeyError):
            continue
        if isinstance(key, RSAKey) and key.raw_value.key_size < SHORTEST_RSA_BITS:
            continue
        found.setdefault(str(one.get("kid", "")), []).append((key, one))
    return found


def fitting(keys: Keys, kid: str, algorithm: str) -> Key | None:
    """Without a `kid` it has to be the only one there is for the algorithm."""
    kind, curve = ALGORITHMS[algorithm]
    given = keys.by_kid.get(kid, []) if kid else [one for some in keys.by_kid.values() for one in some]
    fit = [
        key
        for key, said in given
        if said["kty"] == kind and said.get("crv", "") == curve and said.get("alg", algorithm) == algorithm
    ]
    return fit[0] if len(fit) == 1 else None


def _list(said: Any) -> list[Any]:
    return said if isinstance(said, list) else []


def _now() -> float:
    return asyncio.get_running_loop().time()
