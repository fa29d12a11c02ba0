"""Sessions: in, out, on; what a cookie may do and what it may not (S20)."""

import asyncio

import httpx
import pytest
from google.protobuf.message import Message
from google.rpc.code_pb2 import Code

from gateway.app import Gateway
from tests.gateway.backend import Refused, Services
from tests.gateway.conftest import ORIGIN, Build, client_of

SIGN_IN = {"email": "rep@example.com", "password": "right"}
FROM_US = {"origin": ORIGIN}


async def sign_in(browser: httpx.AsyncClient, **more: object) -> dict[str, str]:
    reply = await browser.post("/v1/session", json=SIGN_IN | more, headers=FROM_US)
    assert reply.status_code == 200, reply.text
    return {"x-kith-csrf": reply.json()["csrfToken"]}


async def test_signing_in_sets_a_cookie_that_scripts_cannot_read(
    browser: httpx.AsyncClient, services: Services
) -> None:
    headers = FROM_US | {"user-agent": "Firefox"}
    reply = await browser.post("/v1/session", json=SIGN_IN | {"tenant": "acme"}, headers=headers)
    cookie = reply.headers["set-cookie"]
    assert cookie.startswith("kith=secret-1; Max-Age=")
    assert cookie.endswith("; Path=/; HttpOnly; SameSite=Lax")
    assert set(reply.json()) == {"csrfToken"}  # no token reaches JavaScript
    heard = services.last("SignIn").request
    assert (heard.tenant_slug, heard.device, heard.client_address) == ("acme", "Firefox", "127.0.0.1")


async def test_over_https_the_cookie_is_the_hosts_own(built: Build) -> None:
    async with client_of(built(origin="https://crm.example"), {}, "https://crm.example") as browser:
        reply = await browser.post("/v1/session", json=SIGN_IN, headers={"origin": "https://crm.example"})
    assert reply.headers["set-cookie"].startswith("__Host-kith=")
    assert reply.headers["set-cookie"].endswith("; Secure")


async def test_a_program_gets_tokens_and_new_ones(browser: httpx.AsyncClient) -> None:
    reply = await browser.post("/v1/session?mode=token", json=SIGN_IN)
    assert (reply.json()["accessToken"], reply.json()["refreshToken"]) == ("token-1", "refresh-1")
    again = await browser.post("/v1/session:refresh", json={"refreshToken": "refresh-1"})
    assert (again.json()["accessToken"], again.json()["refreshToken"]) == ("new", "newer")


async def test_a_change_by_cookie_needs_origin_and_token(browser: httpx.AsyncClient, services: Services) -> None:
    csrf = await sign_in(browser)
    assert (await browser.get("/v1/plants")).status_code == 200
    assert services.last("ListPlants").metadata["authorization"] == "Bearer token-1"
    for headers, status in [
        ({}, 403),
        (FROM_US, 403),
        (csrf, 403),
        (csrf | {"origin": "https://evil.example"}, 403),
        (csrf | {"origin": "null"}, 403),
        (csrf | FROM_US | {"sec-fetch-site": "cross-site"}, 403),
        (csrf | FROM_US | {"sec-fetch-site": "same-site"}, 403),
        (FROM_US | {"x-kith-csrf": "0" * 64}, 403),
        (FROM_US | {"x-kith-csrf": "é"}, 403),
        (csrf | FROM_US | {"sec-fetch-site": "same-origin"}, 200),
    ]:
        encoded = [(name.encode(), value.encode()) for name, value in headers.items()]
        reply = await browser.post("/v1/plants", json={"displayName": "a"}, headers=encoded)
        assert reply.status_code == status, (headers, reply.text)
        assert status == 200 or reply.json()["reason"] in ("CSRF", "FOREIGN_ORIGIN")
    assert len(services.of("CreatePlant")) == 1


async def test_a_csrf_token_is_good_for_its_own_session_only(gateway: Gateway, services: Services) -> None:
    async with client_of(gateway, {}) as mine, client_of(gateway, {}) as theirs:
        my_token, their_token = await sign_in(mine), await sign_in(theirs)
        assert my_token != their_token
        planted = await mine.post("/v1/plants", json={"displayName": "a"}, headers=FROM_US | their_token)
        assert (planted.status_code, planted.json()["reason"]) == (403, "CSRF")


async def test_replicas_share_the_key_and_strangers_do_not(built: Build) -> None:
    async with client_of(built(), {}) as browser:
        csrf = await sign_in(browser)
        cookies = browser.cookies
    for gateway, status in ((built(), 200), (built(gateway_secret="of somebody else, " * 2), 403)):
        async with client_of(gateway, {}) as replica:
            replica.cookies = cookies
            reply = await replica.post("/v1/plants", json={"displayName": "a"}, headers=FROM_US | csrf)
            assert reply.status_code == status


async def test_a_programs_own_token_goes_before_the_cookie(browser: httpx.AsyncClient, services: Services) -> None:
    await sign_in(browser)
    reply = await browser.post("/v1/plants", json={"displayName": "a"}, headers={"authorization": "bearer mine"})
    assert reply.status_code == 200
    assert services.last("CreatePlant").metadata["authorization"] == "Bearer mine"


async def test_who_am_i_by_cookie_and_by_token(browser: httpx.AsyncClient) -> None:
    csrf = await sign_in(browser)
    by_cookie = (await browser.get("/v1/session")).json()
    assert (by_cookie["email"], by_cookie["csrfToken"]) == ("rep@example.com", csrf["x-kith-csrf"])
    by_token = (await browser.get("/v1/session", headers={"authorization": "Bearer mine"})).json()
    assert "csrfToken" not in by_token
    browser.cookies.clear()
    assert (await browser.get("/v1/session")).status_code == 401
    assert (await browser.delete("/v1/session", headers=FROM_US)).status_code == 401


async def test_after_signing_out_the_session_is_401_never_anonymous(
    browser: httpx.AsyncClient, services: Services
) -> None:
    csrf = await sign_in(browser)
    secret = browser.cookies["kith"]
    assert (await browser.delete("/v1/session", headers=FROM_US)).status_code == 403
    reply = await browser.delete("/v1/session", headers=FROM_US | csrf)
    assert reply.headers["set-cookie"].startswith("kith=; Max-Age=0;")
    assert services.sessions == {}
    browser.cookies.set("kith", secret)
    heard = len(services.of("ListPlants"))
    ended = await browser.get("/v1/plants")
    assert (ended.status_code, ended.json()["reason"]) == (401, "UNAUTHENTICATED")
    assert ended.headers["set-cookie"].startswith("kith=; Max-Age=0;")  # the browser can begin anew
    assert len(services.of("ListPlants")) == heard


async def test_a_session_ended_elsewhere_is_out_as_soon_as_a_service_says_so(
    browser: httpx.AsyncClient, services: Services
) -> None:
    """S17: the token kept here is not believed against the service."""
    await sign_in(browser)
    assert (await browser.get("/v1/plants")).status_code == 200
    services.sessions.clear()

    def refuse(request: object) -> object:
        raise Refused(Code.UNAUTHENTICATED, "UNAUTHENTICATED")

    answered, services.answers["ListPlants"] = services.answers.get("ListPlants"), refuse  # type: ignore[assignment]
    assert (await browser.get("/v1/plants")).status_code == 401
    assert answered is None
    del services.answers["ListPlants"]
    assert (await browser.get("/v1/plants")).status_code == 401  # the kept token is forgotten


async def test_s24_a_token_that_is_not_taken_any_more_is_replaced_and_the_browser_does_not_notice(
    browser: httpx.AsyncClient, services: Services
) -> None:
    await sign_in(browser)
    (secret,) = services.sessions

    def only_the_new_one(request: object) -> Message:
        if services.heard[-1].metadata["authorization"] != "Bearer token-new":
            raise Refused(Code.UNAUTHENTICATED, "UNAUTHENTICATED")
        empty: Message = services.message("kith.garden.v1.ListPlantsResponse")
        return empty

    services.answers["ListPlants"] = only_the_new_one
    services.sessions[secret] = "token-new"
    assert [(await browser.get("/v1/plants")).status_code for _ in range(2)] == [200, 200]
    assert (len(services.of("ListPlants")), len(services.of("ResumeSession"))) == (3, 1)
    program = await browser.get("/v1/plants", headers={"authorization": "Bearer token-1"})
    assert program.status_code == 401, "a program looks after its own tokens"


async def test_a_stale_cookie_does_not_stand_in_the_way_of_signing_in(browser: httpx.AsyncClient) -> None:
    browser.cookies.set("kith", "gone")
    await sign_in(browser)


@pytest.mark.parametrize(
    ("body", "headers", "status", "reason"),
    [
        (SIGN_IN | {"password": "wrong"}, FROM_US, 401, "UNAUTHENTICATED"),
        ({}, FROM_US, 400, "INVALID_ARGUMENT"),
        ([], FROM_US, 400, "INVALID_ARGUMENT"),
        ({"email": 1, "password": "x"}, FROM_US, 400, "INVALID_ARGUMENT"),
        (SIGN_IN | {"tenant": 5}, FROM_US, 400, "INVALID_ARGUMENT"),
        (SIGN_IN | {"email": "x" * 20_000}, FROM_US, 413, "MESSAGE_TOO_LARGE"),
        (SIGN_IN, {"origin": "https://evil.example"}, 403, "FOREIGN_ORIGIN"),
    ],
)
async def test_a_sign_in_is_refused(
    browser: httpx.AsyncClient, body: object, headers: dict[str, str], status: int, reason: str
) -> None:
    reply = await browser.post("/v1/session", json=body, headers=headers)
    assert (reply.status_code, reply.json()["reason"]) == (status, reason)
    assert "set-cookie" not in reply.headers


async def test_requests_side_by_side_ask_identity_once(
    browser: httpx.AsyncClient, services: Services, built: Build
) -> None:

    await sign_in(browser)
    async with client_of(built(), {}) as elsewhere:
        elsewhere.cookies = browser.cookies
        await asyncio.gather(*(elsewhere.get("/v1/plants") for _ in range(10)))
    assert len(services.of("ResumeSession")) == 1
    assert len(services.of("WhoAmI")) == 1
