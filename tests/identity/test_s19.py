"""S19: an identity provider that lies, and whoever stands between it and us, open no session and link nobody."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.identity.browser import Browser, Suite, before, enabled, reason_of
from tests.identity.provider import Provider, providing
from tests.identity.suite import World


@pytest.fixture
async def provider() -> AsyncIterator[Provider]:
    async with providing() as made:
        yield made


@pytest.fixture
async def suite(world: World) -> AsyncIterator[Suite]:
    async with before(world) as made:
        yield made


@pytest.fixture
async def browser(suite: Suite) -> AsyncIterator[Browser]:
    async with suite.browser() as made:
        yield made


async def people(world: World) -> list[tuple[str, ...]]:
    """Who is there, linked and signed in: what a refusal leaves as it was."""
    asked = ('select email from "user"', "select subject from external_identity", "select id::text from session")
    found = [await world.admin.fetch(one) for one in asked]
    return sorted(tuple(row) for rows in found for row in rows)


def said(**claims: Any) -> Callable[[Provider], None]:
    def lie(provider: Provider) -> None:
        provider.claims = claims

    return lie


def made(how: str) -> Callable[[Provider], None]:
    def lie(provider: Provider) -> None:
        provider.token = getattr(provider, how)

    return lie


def header(**fields: Any) -> Callable[[Provider], None]:
    def lie(provider: Provider) -> None:
        provider.header = fields

    return lie


def answers(body: bytes) -> Callable[[Provider], None]:
    def lie(provider: Provider) -> None:
        provider.answers = body

    return lie


def not_a_number(provider: Provider) -> None:
    provider.claims = {"exp": float("nan")}


LIES: list[tuple[str, Callable[[Provider], None], str]] = [
    ("no nonce", said(nonce=None), "SSO_TOKEN_REFUSED"),
    ("another nonce", said(nonce="another"), "SSO_TOKEN_REFUSED"),
    ("a nonce that is no text", said(nonce=["x"]), "SSO_TOKEN_REFUSED"),
    ("another issuer", said(iss="https://login.example"), "SSO_TOKEN_REFUSED"),
    ("no issuer", said(iss=None), "SSO_TOKEN_REFUSED"),
    ("for another client", said(aud="another"), "SSO_TOKEN_REFUSED"),
    ("for nobody", said(aud=None), "SSO_TOKEN_REFUSED"),
    ("for several, and no word of who asked", said(aud=["kith", "another"]), "SSO_TOKEN_REFUSED"),
    ("for several, asked by another", said(aud=["kith", "another"], azp="another"), "SSO_TOKEN_REFUSED"),
    ("asked by another", said(azp="another"), "SSO_TOKEN_REFUSED"),
    ("over", said(exp=1_000_000_000), "SSO_TOKEN_REFUSED"),
    ("without an end", said(exp=None), "SSO_TOKEN_REFUSED"),
    ("an end that is no number", said(exp="never"), "SSO_TOKEN_REFUSED"),
    ("an end that is not a number, as JSON has it", not_a_number, "SSO_TOKEN_REFUSED"),
    ("made long ago", said(iat=1_000_000_000), "SSO_TOKEN_REFUSED"),
    ("made tomorrow", said(iat=4_000_000_000), "SSO_TOKEN_REFUSED"),
    ("not valid yet", said(nbf=4_000_000_000), "SSO_TOKEN_REFUSED"),
    ("with another access token", said(at_hash="another"), "SSO_TOKEN_REFUSED"),
    ("naming nobody", said(sub=None), "SSO_TOKEN_REFUSED"),
    ("naming an empty somebody", said(sub=""), "SSO_TOKEN_REFUSED"),
    ("naming a number", said(sub=7), "SSO_TOKEN_REFUSED"),
    ("naming somebody with a NUL", said(sub="ann\0"), "SSO_TOKEN_REFUSED"),
    ("naming somebody endless", said(sub="a" * 256), "SSO_TOKEN_REFUSED"),
    ("unsigned", made("unsigned"), "SSO_TOKEN_REFUSED"),
    ("signed with the public key as a secret", made("with_hs256"), "SSO_TOKEN_REFUSED"),
    ("signed with the client secret", made("with_client_secret"), "SSO_TOKEN_REFUSED"),
    ("signed with a key of its own", made("with_another_key"), "SSO_TOKEN_REFUSED"),
    ("bringing its key along", made("with_own_key"), "SSO_TOKEN_REFUSED"),
    ("signed in another way than the key is for", made("with_ec"), "SSO_TOKEN_REFUSED"),
    ("saying a claim twice", made("said_twice"), "SSO_TOKEN_REFUSED"),
    ("naming a key that is not there", header(kid="another"), "SSO_TOKEN_REFUSED"),
    ("naming a key elsewhere", header(jku="http://127.0.0.1/keys"), "SSO_TOKEN_REFUSED"),
    ("naming a certificate elsewhere", header(x5u="http://127.0.0.1/keys"), "SSO_TOKEN_REFUSED"),
    ("no token at all", answers(b"{}"), "SSO_TOKEN_REFUSED"),
    ("no JSON", answers(b"<html>"), "SSO_TOKEN_REFUSED"),
    ("no object", answers(b"[]"), "SSO_TOKEN_REFUSED"),
    ("a token that is none", answers(b'{"id_token": "a.b.c"}'), "SSO_TOKEN_REFUSED"),
    ("a token of another kind", answers(b'{"id_token": 7}'), "SSO_TOKEN_REFUSED"),
    ("an e-mail nobody verified", said(email_verified=False), "SSO_EMAIL_UNVERIFIED"),
    ("an e-mail of which nothing is said", said(email_verified=None), "SSO_EMAIL_UNVERIFIED"),
    ("an e-mail verified in words only", said(email_verified="true"), "SSO_EMAIL_UNVERIFIED"),
    ("no e-mail", said(email=None), "SSO_NOT_LINKED"),
    ("an e-mail that is none", said(email="ann"), "SSO_NOT_LINKED"),
    ("the e-mail of somebody here", said(email="admin@acme.example"), "SSO_EMAIL_TAKEN"),
    ("the e-mail of somebody here, in capitals", said(email="ADMIN@acme.example"), "SSO_EMAIL_TAKEN"),
]


@pytest.mark.parametrize(("lie", "reason"), [lie[1:] for lie in LIES], ids=[lie[0] for lie in LIES])
async def test_s19_a_lie_opens_nothing(
    world: World, provider: Provider, browser: Browser, lie: Callable[[Provider], None], reason: str
) -> None:
    way_in = await enabled(world, provider, jit=True)
    lie(provider)
    there = await people(world)
    assert await browser.refusal(way_in, provider) == reason
    assert await browser.who() == ""
    assert await people(world) == there


async def test_s19_a_person_is_known_by_issuer_and_subject_and_keeps_both_when_the_e_mail_changes(
    world: World, provider: Provider, suite: Suite
) -> None:
    way_in = await enabled(world, provider, jit=True)
    async with AsyncExitStack() as stack:
        first, then, other = [await stack.enter_async_context(suite.browser()) for _ in range(3)]
        await first.signs_in(way_in, provider)
        provider.person["email"] = "admin@acme.example"
        assert await then.refusal(way_in, provider) == "", "another e-mail is the same person"
        assert await then.who() == "ann@acme.example", "and does not become another one"
        rival = await stack.enter_async_context(providing())
        rival.person = {"sub": "ann-1", "email": "ann@acme.example"}
        second = await enabled(world, rival, jit=True)
        assert await other.refusal(second, rival) == "SSO_EMAIL_TAKEN", "another issuer's ann-1 is not ours"
        rival.person["email"] = "other@acme.example"
        assert await other.refusal(second, rival) == ""
        assert await other.who() == "other@acme.example"


async def test_s19_an_e_mail_of_a_domain_that_is_not_its_own_makes_nobody(
    world: World, provider: Provider, browser: Browser
) -> None:
    way_in = await enabled(world, provider, jit=True, email_domains=["Acme.example"])
    for email in ("ann@evil.example", "ann@acme.example.evil.example", "acme.example@evil.example"):
        provider.person["email"] = email
        assert await browser.refusal(way_in, provider) == "SSO_NOT_LINKED", email
    provider.person["email"] = "ann@ACME.example"
    assert await browser.refusal(way_in, provider) == ""


async def test_s19_a_provider_that_makes_nobody_lets_only_the_linked_in(
    world: World, provider: Provider, browser: Browser
) -> None:
    assert await browser.refusal(await enabled(world, provider), provider) == "SSO_NOT_LINKED"


async def test_s19_the_way_back_is_good_once_and_in_the_browser_that_began_it(
    world: World, provider: Provider, suite: Suite, browser: Browser
) -> None:
    way_in = await enabled(world, provider, jit=True)
    back = provider.authorize(await browser.goes(way_in))
    async with suite.browser() as victim:
        forced = await victim.comes_back(back)
        assert (reason_of(forced), await victim.who()) == ("SSO_STATE_INVALID", ""), "signed in as somebody else"
        await victim.goes(way_in)
        assert reason_of(await victim.comes_back(back)) == "SSO_STATE_INVALID", "with a cookie of its own"
    assert reason_of(await browser.comes_back(back)) == "SSO_STATE_INVALID", "spent by whoever showed it first"
    back = provider.authorize(await browser.goes(way_in))
    assert reason_of(await browser.comes_back(back)) == ""
    await browser.goes(way_in)
    assert reason_of(await browser.comes_back(back)) == "SSO_STATE_INVALID"
    invented = [("", 400), ("?code=x", 400), ("?state=", 400), ("?state=x", 401), ("?state=x&code=x", 401)]
    for query, status in invented:
        await browser.goes(way_in)
        assert (await browser.http.get(f"/v1/session/sso/callback{query}")).status_code == status, query


async def test_s19_the_way_back_is_good_for_ten_minutes(world: World, provider: Provider, browser: Browser) -> None:
    way_in = await enabled(world, provider, jit=True)
    back = provider.authorize(await browser.goes(way_in))
    await world.admin.execute("update sso_attempt set expire_time = expire_time - interval '10 minutes'")
    assert reason_of(await browser.comes_back(back)) == "SSO_STATE_INVALID"
    assert await world.admin.fetchval("select count(*) from sso_attempt") == 0


async def test_s19_a_code_is_good_once_for_whoever_asked_for_it(
    world: World, provider: Provider, suite: Suite, browser: Browser
) -> None:
    """A code that was stolen, and put into a sign-in of the thief's own, meets another verifier and another nonce."""
    way_in = await enabled(world, provider, jit=True)
    code = parse_qs(urlsplit(provider.authorize(await browser.goes(way_in))).query)["code"][0]
    async with suite.browser() as thief:
        state = parse_qs(urlsplit(await thief.goes(way_in)).query)["state"][0]
        query = f"?code={code}&state={state}&iss={provider.issuer}"
        assert reason_of(await thief.http.get(f"/v1/session/sso/callback{query}")) == "SSO_CODE_REFUSED"
        provider.forgets_pkce = True
        code = parse_qs(urlsplit(provider.authorize(await browser.goes(way_in))).query)["code"][0]
        state = parse_qs(urlsplit(await thief.goes(way_in)).query)["state"][0]
        query = f"?code={code}&state={state}&iss={provider.issuer}"
        assert reason_of(await thief.http.get(f"/v1/session/sso/callback{query}")) == "SSO_TOKEN_REFUSED"
        assert await thief.who() == ""


@pytest.mark.parametrize(
    "changed",
    [
        {"code_challenge": None, "code_challenge_method": None},
        {"code_challenge_method": "plain"},
        {"code_challenge": "another"},
        {"nonce": None},
        {"nonce": "another"},
    ],
    ids=str,
)
async def test_s19_what_somebody_in_between_changes_is_noticed(
    world: World, provider: Provider, browser: Browser, changed: dict[str, str | None]
) -> None:
    way_in = await enabled(world, provider, jit=True)
    reply = await browser.comes_back(provider.authorize(await browser.goes(way_in), **changed))
    assert reason_of(reply) in ("SSO_CODE_REFUSED", "SSO_TOKEN_REFUSED")
    assert await browser.who() == ""


async def test_s19_every_sign_in_has_a_challenge_a_state_and_a_nonce_of_its_own(
    world: World, provider: Provider, browser: Browser
) -> None:
    way_in = await enabled(world, provider)
    asked = [parse_qs(urlsplit(await browser.goes(way_in)).query) for _ in range(2)]
    for name in ("state", "nonce", "code_challenge"):
        assert len(asked[0][name][0]) >= 43
        assert asked[0][name] != asked[1][name]
    assert {one["code_challenge_method"][0] for one in asked} == {"S256"}
    assert {one["redirect_uri"][0] for one in asked} == {"http://127.0.0.1:8080/v1/session/sso/callback"}


async def test_s19_a_code_of_one_provider_never_goes_to_another(
    world: World, provider: Provider, browser: Browser
) -> None:
    """Mix-up (RFC 9700, 4.4): the answer says whose it is, and one that should say so and does not is refused."""
    way_in = await enabled(world, provider, jit=True)
    async with providing() as evil:
        back = provider.authorize(await browser.goes(way_in))
        query = urlsplit(back).query.replace(str(provider.port), str(evil.port))
        provider.asked.clear()
        reply = await browser.http.get(f"/v1/session/sso/callback?{query}")
        assert reason_of(reply) == "SSO_ISSUER_MISMATCH"
        silent = provider.authorize(await browser.goes(way_in)).partition("&iss=")[0]
        assert reason_of(await browser.comes_back(silent)) == "SSO_ISSUER_MISMATCH"
        assert "/token" not in [*provider.asked, *evil.asked]


async def test_a_provider_that_never_names_itself_is_believed_by_its_token(
    world: World, provider: Provider, browser: Browser
) -> None:
    provider.names_itself = False
    assert await browser.refusal(await enabled(world, provider, jit=True), provider) == ""


async def test_who_declines_is_told_so(world: World, provider: Provider, browser: Browser) -> None:
    way_in = await enabled(world, provider)
    state = parse_qs(urlsplit(await browser.goes(way_in)).query)["state"][0]
    query = f"?error=access_denied&state={state}&iss={provider.issuer}"
    reply = await browser.http.get(f"/v1/session/sso/callback{query}", headers={"accept-language": "zh-CN"})
    assert (reply.status_code, reply.json()["title"]) == (401, "身份提供方拒绝了登录")


async def test_s19_a_provider_that_is_disabled_lets_nobody_in_not_even_who_was_under_way(
    world: World, provider: Provider, browser: Browser
) -> None:
    way_in = await enabled(world, provider, jit=True)
    back = provider.authorize(await browser.goes(way_in))
    await world.boss.DisableIdentityProvider(id=way_in)
    assert reason_of(await browser.comes_back(back)) == "PROVIDER_NOT_ENABLED"
    assert (await browser.http.get(f"/v1/session/sso/{way_in}")).json()["reason"] == "PROVIDER_NOT_ENABLED"
    await world.boss.DeleteIdentityProvider(id=way_in)
    assert (await browser.http.get(f"/v1/session/sso/{way_in}")).status_code == 404
    assert (await browser.http.get("/v1/session/sso/nonsense")).status_code == 400


async def test_a_provider_that_is_away_is_said_to_be(world: World, provider: Provider, browser: Browser) -> None:
    way_in = await enabled(world, provider, jit=True)
    back = provider.authorize(await browser.goes(way_in))
    provider.status = 500
    assert (await browser.comes_back(back)).json()["reason"] == "PROVIDER_UNREACHABLE"


async def test_a_new_key_of_the_providers_is_found(
    world: World, provider: Provider, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    way_in = await enabled(world, provider, jit=True)
    await browser.signs_in(way_in, provider)
    monkeypatch.setattr("identity.openid.published.REFETCH_SECONDS", 0.0)
    provider.key, provider.kid = Provider().key, "two"
    assert await browser.refusal(way_in, provider) == ""


@pytest.mark.parametrize(
    "after",
    ["//evil.example", "/\\evil.example", "https://evil.example", "evil", "/\tx", "/a\r\nb: c", "/ü", "/" + "a" * 500],
)
async def test_s19_the_way_leads_back_to_us_and_nowhere_else(
    world: World, provider: Provider, browser: Browser, after: str
) -> None:
    way_in = await enabled(world, provider)
    reply = await browser.http.get(f"/v1/session/sso/{way_in}", params={"return": after})
    assert (reply.status_code, reply.json()["errors"][0]["field"]) == (400, "returnPath")


async def test_s19_every_refusal_is_written_down_without_what_was_shown(
    world: World, provider: Provider, browser: Browser, caplog: pytest.LogCaptureFixture
) -> None:
    way_in = await enabled(world, provider, jit=True)
    back = provider.authorize(await browser.goes(way_in))
    provider.claims = {"nonce": None}
    await browser.comes_back(back)
    (told,) = [one for one in caplog.records if one.getMessage() == "single sign-on refused"]
    assert (told.reason, told.identity_provider_id) == ("SSO_TOKEN_REFUSED", way_in)  # type: ignore[attr-defined]
    trail = await world.admin.fetch("select type from outbox where aggregatetype = 'identity.audit'")
    assert [row["type"] for row in trail] == ["kith.identity.audit.denied.v1"]
    query = parse_qs(urlsplit(back).query)
    assert not any(secret in caplog.text for secret in (query["code"][0], query["state"][0]))
