"""How much one may ask at once, what is said of it, and whose bucket it is."""

import httpx
import pytest
from google.rpc.code_pb2 import Code

from gateway.app import rates_of
from gateway.config import Settings
from gateway.incoming import Incoming, address_of
from gateway.known import Callers
from gateway.limits import BUCKETS, Limits
from gateway.problems import Problem
from tests.gateway.backend import Refused, Services
from tests.gateway.conftest import ORIGIN, SECRET, Build, client_of


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def asking(token: str = "", address: str = "192.0.2.1") -> Incoming:
    return Incoming({}, address, "id", "", token)


async def whose(incoming: Incoming) -> tuple[str, str]:
    """A token is `<tenant>/<user>`, or a key of the same."""
    tenant, _, user = incoming.token.removeprefix("kith_").partition("/")
    return tenant, user


def limits_of(clock: Clock, **settings: float) -> Limits:
    given = {"limit_user_per_second": 2, "limit_user_burst": 4, "limit_tenant_per_second": 3, "limit_tenant_burst": 6}
    return Limits(rates_of(Settings(gateway_secret=SECRET, **(given | settings))), Callers(whose), clock)  # type: ignore[arg-type]


async def taken(limits: Limits, token: str, most: int = 100) -> int:
    """How many go through before the first is refused."""
    for n in range(most):
        try:
            await limits.admit(asking(token))
        except Problem as problem:
            if problem.status != 429:
                raise
            return n
    return most


async def test_a_bucket_empties_and_refills() -> None:
    clock = Clock()
    limits = limits_of(clock)
    assert await taken(limits, "acme/ann") == 4
    clock.now = 1.5
    assert await taken(limits, "acme/ann") == 3
    clock.now = 1000.0
    assert await taken(limits, "acme/ann") == 4  # never more than the burst


async def test_a_noisy_user_leaves_the_others_their_share_and_a_noisy_tenant_the_others() -> None:
    limits = limits_of(Clock())
    assert await taken(limits, "acme/ann") == 4
    assert await taken(limits, "acme/bob") == 2  # what is left of the tenant's six
    assert await taken(limits, "other/ann") == 4


async def test_keys_of_one_owner_have_buckets_of_their_own() -> None:
    limits = limits_of(Clock(), limit_key_burst=5, limit_tenant_burst=100)
    assert await taken(limits, "kith_acme/ann") == 5
    assert await taken(limits, "kith_acme/bob") == 5


async def test_nothing_a_second_is_no_limit() -> None:
    assert await taken(limits_of(Clock(), limit_user_per_second=0, limit_tenant_per_second=0), "acme/ann") == 100


async def test_a_refused_request_takes_from_no_bucket() -> None:
    limits = limits_of(Clock())
    assert await taken(limits, "acme/ann") == 4
    for _ in range(10):
        assert await taken(limits, "acme/ann") == 0
    assert await taken(limits, "acme/bob") == 2


async def test_while_identity_is_away_each_token_has_its_own_bucket() -> None:
    async def away(incoming: Incoming) -> tuple[str, str]:
        raise Problem(Code.UNAVAILABLE, "UNAVAILABLE", "")

    limits = Limits(limits_of(Clock()).rates, Callers(away), Clock())
    assert await taken(limits, "one") == 4
    assert await taken(limits, "other") == 4


async def test_tokens_made_up_empty_their_own_address_only() -> None:
    """S16: nobody can spend another tenant's share with a token that names it."""

    async def nobody(incoming: Incoming) -> tuple[str, str]:
        raise Problem(Code.UNAUTHENTICATED, "UNAUTHENTICATED", "")

    limits = Limits(limits_of(Clock(), limit_address_burst=3).rates, Callers(nobody), Clock())
    seen = []
    for n in range(5):
        with pytest.raises(Problem) as caught:
            await limits.admit(asking(f"made-up-{n}"))
        seen.append(caught.value.status)
    assert seen == [401, 401, 401, 429, 429]


async def test_buckets_are_forgotten_rather_than_piled_up() -> None:
    limits = limits_of(Clock())
    for n in range(BUCKETS + 100):
        limits.attempt(asking(address=str(n)))
    assert len(limits._buckets._kept) == BUCKETS


@pytest.mark.parametrize(
    ("client", "forwarded", "proxies", "address"),
    [
        ("192.0.2.1", "198.51.100.9", 0, "192.0.2.1"),
        ("10.0.0.1", "203.0.113.7, 198.51.100.9", 1, "198.51.100.9"),
        ("10.0.0.1", "203.0.113.7, 198.51.100.9, 10.0.0.2", 2, "198.51.100.9"),
        ("10.0.0.1", "", 1, "10.0.0.1"),
        ("2001:db8:1:2:3:4:5:6", "", 0, "2001:db8:1:2::"),
        ("::ffff:192.0.2.1", "", 0, "192.0.2.1"),
        ("testclient", "", 0, "testclient"),
    ],
)
def test_an_address_is_what_our_own_proxies_saw(client: str, forwarded: str, proxies: int, address: str) -> None:
    headers = {b"x-forwarded-for": forwarded.encode()} if forwarded else {}
    assert address_of({"client": (client, 1)}, headers, proxies) == address


async def test_replies_say_what_is_left_and_refusals_when_to_come_back(built: Build) -> None:
    gateway = built(limit_user_burst=3, limit_user_per_second=0.5, limit_tenant_burst=60, limit_tenant_per_second=2)
    async with client_of(gateway, {"authorization": "Bearer rep"}) as rep:
        first = await rep.get("/v1/plants")
        assert first.headers["ratelimit-policy"] == '"tenant";q=60;w=30, "user";q=3;w=6'
        assert first.headers["ratelimit"] == '"tenant";r=59;t=1, "user";r=2;t=2'
        await rep.get("/v1/plants")
        await rep.get("/v1/plants")
        refused = await rep.get("/v1/plants")
        assert (refused.status_code, refused.json()["reason"]) == (429, "RESOURCE_EXHAUSTED")
        assert refused.headers["retry-after"] == "2"
        assert '"user";r=0' in refused.headers["ratelimit"]
        standing = (await rep.get("/v1/limits")).json()
        assert [(one["name"], one["quota"], one["remaining"]) for one in standing["limits"]] == [
            ("tenant", 60, 57),
            ("user", 3, 0),
        ]
        assert standing["costs"] == {"call": 1, "view": 5}


async def test_a_view_costs_what_it_asks(built: Build) -> None:
    async with client_of(built(limit_user_burst=5), {"authorization": "Bearer rep"}) as rep:
        assert '"user";r=0' in (await rep.get("/v1/home")).headers["ratelimit"]
        assert (await rep.get("/v1/search?query=a")).status_code == 429


async def test_attempts_to_sign_in_are_counted_by_address(built: Build, services: Services) -> None:
    gateway = built(limit_session_burst=3, limit_session_per_second=0.01)
    body = {"email": "rep@example.com", "password": "wrong"}
    async with client_of(gateway, {"origin": ORIGIN}) as guesser:
        seen = [(await guesser.post("/v1/session", json=body)).status_code for _ in range(5)]
        assert seen == [401, 401, 401, 429, 429]
        assert (await guesser.post("/v1/session:refresh", json={"refreshToken": "x"})).status_code == 429
    assert len(services.of("SignIn")) == 3


async def test_cookies_made_up_are_counted_by_address(built: Build, services: Services) -> None:
    async with client_of(built(limit_address_burst=2, limit_address_per_second=0.01), {}) as guesser:
        seen = []
        for n in range(4):
            guesser.cookies.set("kith", f"guess-{n}")
            seen.append((await guesser.get("/v1/plants")).status_code)
    assert seen == [401, 401, 429, 429]
    assert len(services.of("ResumeSession")) == 2


async def test_identity_is_asked_once_a_token(rep: httpx.AsyncClient, services: Services) -> None:
    for _ in range(3):
        await rep.get("/v1/plants")
    assert len(services.of("WhoAmI")) == 1


async def test_a_request_goes_on_while_identity_is_away(rep: httpx.AsyncClient, services: Services) -> None:
    def away(request: object) -> object:
        raise Refused(Code.UNAVAILABLE, "UNAVAILABLE")

    services.answers["WhoAmI"] = away  # type: ignore[assignment]  # raises
    assert (await rep.get("/v1/plants")).status_code == 200
