"""A person's way in as their browser takes it: forms, links, codes and cookies, the gateway before identity."""

from collections.abc import AsyncIterator

import httpx
import pytest

from chassis.testing.serving import refusal
from gateway.files import ACCOUNT_PAGES
from gateway.session.accounts import ACTS
from identity.authentication.brake import GUESSES
from identity.second_factor import rules
from tests.identity.browser import FROM_US, Browser, Suite, before
from tests.identity.letters import carrying
from tests.identity.suite import OTHER_PASSWORD, PASSWORD, World
from tests.identity.test_second_factor import App, require

ANN = "ann@acme.example"


@pytest.fixture(autouse=True)
def days(monkeypatch: pytest.MonkeyPatch) -> None:
    """A step lasts a day, so that no test hangs on how fast it is."""
    monkeypatch.setattr(rules, "STEP_SECONDS", 86_400)


@pytest.fixture
async def suite(world: World) -> AsyncIterator[Suite]:
    async with before(world) as made:
        yield made


async def post(browser: Browser, path: str, headers: dict[str, str] | None = None, **said: str) -> httpx.Response:
    return await browser.http.post(path, json=said, headers=headers or FROM_US)


async def signed_in(browser: Browser, password: str = PASSWORD) -> dict[str, str]:
    reply = await post(browser, "/v1/session", email=ANN, password=password)
    assert reply.status_code == 200, reply.text
    return FROM_US | {"x-kith-csrf": reply.json()["csrfToken"]}


async def test_an_invited_person_signs_in_forgets_the_password_and_signs_in_again(world: World, suite: Suite) -> None:
    async with carrying(world) as letters, suite.browser() as browser:
        await world.boss.InviteUser(user={"email": ANN, "display_name": "Ann"})
        token = await letters.token(ANN)
        weak = await post(browser, "/v1/session:acceptInvitation", token=token, password="password1234")
        assert (weak.status_code, weak.json()["reason"]) == (400, "WEAK_PASSWORD")
        assert weak.json()["errors"][0]["field"] == "password"
        accepted = await post(
            browser, "/v1/session:acceptInvitation", token=token, password=PASSWORD, displayName="Ann A."
        )
        assert (accepted.status_code, accepted.json()) == (200, {"email": ANN})
        assert "set-cookie" not in accepted.headers  # nobody is signed in by a link
        await signed_in(browser)
        assert await browser.who() == ANN
        assert (await post(browser, "/v1/session:requestPasswordReset", email=ANN)).json() == {}
        token = await letters.token(ANN)
        reset = await post(browser, "/v1/session:resetPassword", token=token, password=OTHER_PASSWORD)
        assert (reset.status_code, reset.json()) == (200, {})
        again = await post(browser, "/v1/session:resetPassword", token=token, password=PASSWORD)
        assert (again.status_code, again.json()["reason"]) == (400, "LINK_REFUSED")
    async with suite.browser() as browser:
        await signed_in(browser, OTHER_PASSWORD)
        assert await browser.who() == ANN


async def test_a_new_email_is_asked_for_with_a_cookie_and_confirmed_without(world: World, suite: Suite) -> None:
    await world.user("ann")
    async with carrying(world) as letters, suite.browser() as browser:
        headers, new = await signed_in(browser), "ann@new.example"
        asked = {"email": new, "currentPassword": PASSWORD}
        assert (await post(browser, "/v1/session:requestEmailChange", FROM_US, **asked)).json()["reason"] == "CSRF"
        assert (await post(browser, "/v1/session:requestEmailChange", headers, **asked)).status_code == 200
        confirmed = await post(browser, "/v1/session:confirmEmailChange", token=await letters.token(new))
        assert confirmed.status_code == 200
        assert (await world.sign_in(new)).session_id


async def test_where_it_is_required_a_browser_adds_a_second_factor_and_its_cookie_changes(
    world: World, suite: Suite
) -> None:
    await world.user("ann", "Admin")
    await require(world)
    async with suite.browser() as browser:
        headers = await signed_in(browser)
        who = (await browser.http.get("/v1/session")).json()
        assert (who["principal"]["secondFactorDue"], who["mfaMethods"]) == (True, [])
        held = await browser.http.get("/v1/users")
        assert (held.status_code, held.json()["reason"]) == (403, "SECOND_FACTOR_NEEDED")
        first = browser.http.cookies["kith"]
        app = App((await post(browser, "/v1/session:enrollMfa", headers)).json()["secret"])
        assert (await post(browser, "/v1/session:confirmMfa", code=app.code())).json()["reason"] == "CSRF"
        confirmed = await post(browser, "/v1/session:confirmMfa", headers, code=app.code())
        assert confirmed.status_code == 200, confirmed.text
        assert len(confirmed.json()["recoveryCodes"]) == 10
        assert "accessToken" not in confirmed.json()  # no token reaches JavaScript
        assert browser.http.cookies["kith"] != first
        assert (await browser.http.get("/v1/users")).status_code == 200
        codes = confirmed.json()["recoveryCodes"]
    async with suite.browser() as browser:
        headers = await signed_in(browser)
        wrong = await post(browser, "/v1/session:verifyMfa", headers, code="000000x")
        assert (wrong.status_code, wrong.json()["reason"]) == (400, "CODE_REFUSED")
        assert (await post(browser, "/v1/session:verifyMfa", headers, code=codes[0])).status_code == 200
        assert (await browser.http.get("/v1/users")).status_code == 200


async def test_a_program_shows_a_code_and_gets_the_next_token(world: World, suite: Suite) -> None:
    await world.user("ann", "Admin")
    her = await world.signed_in("ann")
    app = App((await her.EnrollMfa()).secret)
    await her.ConfirmMfa(code=app.code())
    await world.admin.execute("update totp set last_step = 0")
    async with suite.browser() as browser:
        reply = await post(browser, "/v1/session?mode=token", email=ANN, password=PASSWORD)
        token, device = reply.json()["accessToken"], reply.json()["deviceToken"]
        browser.http.cookies.clear()
        bearer = {"authorization": f"Bearer {token}"}
        assert (await browser.http.get("/v1/users", headers=bearer)).status_code == 403
        shown = await post(browser, "/v1/session:verifyMfa", bearer, code=app.code(), deviceToken=device)
        bearer = {"authorization": f"Bearer {shown.json()['accessToken']}"}
        assert (await browser.http.get("/v1/users", headers=bearer)).status_code == 200


async def test_s21_a_browser_that_signed_in_before_gets_in_while_strangers_guess(world: World, suite: Suite) -> None:
    await world.user("ann")
    async with suite.browser() as hers, suite.browser() as new:
        headers = await signed_in(hers)
        cookie = next(one for one in hers.http.cookies.jar if one.name == "kith-device")
        assert (cookie.path, cookie.has_nonstandard_attr("HttpOnly")) == ("/", True)
        await hers.http.delete("/v1/session", headers=headers)
        for number in range(GUESSES.at_an_account):
            await refusal(world.sign_in(ANN, "guess", client_address=f"evil {number}"))
        stranger = await post(new, "/v1/session", email=ANN, password=PASSWORD)
        assert (stranger.status_code, stranger.json()["reason"]) == (429, "TOO_MANY_ATTEMPTS")
        await signed_in(hers)


async def test_what_a_link_leads_to_is_taken_from_our_own_pages_only(suite: Suite) -> None:
    for act in ACTS:
        async with suite.browser() as browser:
            await taken_from_our_own_pages_only(browser, act.path)


async def taken_from_our_own_pages_only(browser: Browser, path: str) -> None:
    foreign = await post(browser, path, {"origin": "https://evil.example"}, token="x", password="x", email=ANN)
    assert (foreign.status_code, foreign.json()["reason"]) == (403, "FOREIGN_ORIGIN")
    empty = await post(browser, path)
    assert (empty.status_code, empty.json()["reason"]) == (400, "INVALID_ARGUMENT")
    browser.http.cookies.set("kith", "of a session that ended")
    said = {"token": "x", "password": OTHER_PASSWORD, "email": ANN}
    reply = await post(browser, path, FROM_US, **said)  # an old cookie stands in nobody's way
    assert reply.status_code == 200 or reply.json()["reason"] == "LINK_REFUSED", reply.text


async def test_each_page_is_there_and_runs_nothing_that_is_not_ours(suite: Suite) -> None:
    async with suite.browser() as browser:
        for path in ACCOUNT_PAGES:
            page = await browser.http.get(path)
            assert page.status_code == 200
            assert "script-src 'self'" in page.headers["content-security-policy"]
            assert "<script>" not in page.text
            assert "style=" not in page.text
        script = (await browser.http.get("/docs/account.js")).text
        assert all(f"'{path}':" in script for path in ACCOUNT_PAGES)
