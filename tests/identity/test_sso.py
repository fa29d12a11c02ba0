"""Single sign-on as a browser does it: through the gateway, with a cookie jar, to a provider and back (ID-06)."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.identity.browser import Browser, Suite, before, enabled, reason_of
from tests.identity.provider import Provider, providing
from tests.identity.suite import World, refused, until


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


async def test_somebody_new_is_made_once_and_is_the_same_the_next_time(
    world: World, provider: Provider, suite: Suite
) -> None:
    way_in = await enabled(world, provider, jit=True, default_role_ids=[world.roles["Sales rep"]])
    for _ in range(2):
        async with suite.browser() as browser:
            reply = await browser.signs_in(way_in, provider, "/leads?mine=1")
            assert (reply.status_code, reply.headers["location"]) == (303, "/leads?mine=1")
            assert await browser.who() == "ann@acme.example"
    made = [one for one in (await world.boss.ListUsers()).users if one.email == "ann@acme.example"]
    assert [(one.display_name, list(one.role_ids)) for one in made] == [("Ann", [world.roles["Sales rep"]])]
    links = (await world.boss.ListExternalIdentities()).external_identities
    assert [(one.owner_id, one.subject, one.email) for one in links] == [(made[0].id, "ann-1", "ann@acme.example")]
    sessions = (await world.boss.ListSessions(filter=f'owner_id = "{made[0].id}"')).sessions
    assert [list(one.auth_methods) for one in sessions] == [["sso"], ["sso"]]


async def test_cookies_are_out_of_reach_and_the_one_of_the_way_goes_with_it(
    world: World, provider: Provider, browser: Browser
) -> None:
    way_in = await enabled(world, provider, jit=True)
    gone = await browser.http.get(f"/v1/session/sso/{way_in}")
    assert gone.headers["set-cookie"].startswith("kith-sso=kso_")
    assert gone.headers["set-cookie"].endswith("; Path=/; HttpOnly; SameSite=Lax")
    assert gone.headers["cache-control"] == "no-store"
    back = await browser.comes_back(provider.authorize(gone.headers["location"]))
    cleared, session = back.headers.get_list("set-cookie")
    assert cleared.startswith("kith-sso=; Max-Age=0")
    assert session.startswith("kith=kss_")
    assert session.endswith("; Path=/; HttpOnly; SameSite=Lax")


async def test_a_session_that_ended_does_not_stand_in_the_way(
    world: World, provider: Provider, browser: Browser
) -> None:
    way_in = await enabled(world, provider, jit=True)
    await browser.signs_in(way_in, provider)
    me = (await world.boss.ListSessions(filter="state = ACTIVE", order_by="create_time desc")).sessions[0]
    await world.boss.EndSession(id=me.id)
    assert await browser.refusal(way_in, provider) == ""
    assert await browser.who() == "ann@acme.example"


async def test_who_is_not_signed_in_finds_the_way_in(world: World, provider: Provider, browser: Browser) -> None:
    way_in = await enabled(world, provider)
    await world.boss.CreateIdentityProvider(
        identity_provider={"display_name": "Draft", "issuer": provider.issuer, "client_id": "x"}
    )
    found = await browser.http.get("/v1/identityProviders:find", params={"tenantSlug": "acme"})
    assert found.json() == {"identityProviders": [{"id": way_in, "displayName": "Acme's own"}]}
    nowhere = await browser.http.get("/v1/identityProviders:find", params={"tenantSlug": "nobody"})
    assert nowhere.json() == {"identityProviders": []}


async def test_roles_and_teams_follow_groups_and_what_was_given_by_hand_stays(
    world: World, provider: Provider, suite: Suite
) -> None:
    north = await world.boss.CreateTeam(team={"display_name": "North"})
    mappings = [
        {"group": "sales", "role_ids": [world.roles["Sales rep"]], "team_ids": [north.id]},
        {"group": "care", "role_ids": [world.roles["Service agent"]]},
    ]
    way_in = await enabled(
        world,
        provider,
        jit=True,
        group_claim="groups",
        group_mappings=mappings,
        default_role_ids=[world.roles["Viewer"]],
    )

    async def holds(groups: Any) -> tuple[set[str], list[str]]:
        provider.person["groups"] = groups
        async with suite.browser() as browser:
            assert await browser.refusal(way_in, provider) == ""
        user = next(one for one in (await world.boss.ListUsers()).users if one.email == "ann@acme.example")
        by_id = {id: name for name, id in world.roles.items()}
        return {by_id[one] for one in user.role_ids}, list(user.team_ids)

    assert await holds(["sales", "other"]) == ({"Viewer", "Sales rep"}, [north.id])
    user = next(one for one in (await world.boss.ListUsers()).users if one.email == "ann@acme.example")
    by_hand = [*user.role_ids, world.roles["Marketer"]]
    await world.boss.AssignRoles(id=user.id, role_ids=by_hand)
    assert await holds(["care"]) == ({"Viewer", "Service agent", "Marketer"}, [])
    assert await holds(None) == ({"Viewer", "Service agent", "Marketer"}, []), "nothing said is nothing taken"
    assert await holds("care") == ({"Viewer", "Service agent", "Marketer"}, []), "no list is nothing said"
    await world.boss.DeleteRole(id=world.roles["Service agent"])
    assert (await holds(["care", "sales"]))[1] == [north.id], "a role that is gone stops nobody"


async def test_groups_never_leave_a_tenant_without_its_admin(world: World, provider: Provider, suite: Suite) -> None:
    mappings = [{"group": "it", "role_ids": [world.roles["Admin"]]}]
    way_in = await enabled(world, provider, jit=True, group_claim="groups", group_mappings=mappings)
    provider.person["groups"] = ["it"]
    async with suite.browser() as browser:
        assert await browser.refusal(way_in, provider) == ""
    await world.admin.execute("""update "user" set state = 'SUSPENDED' where email = 'admin@acme.example'""")
    provider.person["groups"] = []
    async with suite.browser() as browser:
        assert await browser.refusal(way_in, provider) == "", "the last one comes in still"
        me = (await browser.http.get("/v1/session")).json()["principal"]["grants"]
        assert ("*", "TENANT") in {(grant["permission"], grant["reach"]) for grant in me}


async def test_a_user_links_an_identity_while_signed_in_and_signs_in_by_it_then(
    world: World, provider: Provider, suite: Suite, browser: Browser
) -> None:
    way_in = await enabled(world, provider)
    await world.user("bob", "Sales rep")
    provider.person = {"sub": "b-7", "email": "something.else@example.org"}
    proof = await browser.with_password("bob@acme.example")
    assert (await browser.http.post(f"/v1/session/sso/{way_in}:link")).status_code == 403, "a change needs its proof"
    begun = await browser.http.post(f"/v1/session/sso/{way_in}:link", params={"return": "/me"}, headers=proof)
    back = await browser.comes_back(provider.authorize(begun.json()["authorizationUrl"]))
    assert (back.status_code, back.headers["location"]) == (303, "/me")
    assert len(back.headers.get_list("set-cookie")) == 1, "the session is the one it was"
    async with suite.browser() as another:
        assert await another.refusal(way_in, provider) == ""
        assert await another.who() == "bob@acme.example"
        await world.user("eve", "Sales rep")
        proof = await another.with_password("eve@acme.example")
        begun = await another.http.post(f"/v1/session/sso/{way_in}:link", headers=proof)
        stolen = await another.comes_back(provider.authorize(begun.json()["authorizationUrl"]))
        assert (stolen.status_code, reason_of(stolen)) == (409, "IDENTITY_TAKEN")


async def test_a_link_is_made_only_while_the_session_that_consented_is_open(
    world: World, provider: Provider, browser: Browser
) -> None:
    way_in = await enabled(world, provider)
    proof = await browser.with_password()
    begun = await browser.http.post(f"/v1/session/sso/{way_in}:link", headers=proof)
    await browser.http.delete("/v1/session", headers=proof)
    back = await browser.comes_back(provider.authorize(begun.json()["authorizationUrl"]))
    assert (back.status_code, reason_of(back)) == (401, "UNAUTHENTICATED")
    assert not (await world.boss.ListExternalIdentities()).external_identities


async def test_an_admin_links_whose_subject_they_know_and_nobody_stronger(
    world: World, provider: Provider, browser: Browser
) -> None:
    way_in = await enabled(world, provider)
    bob = await world.user("bob", "Sales rep")
    link = {"identity_provider_id": way_in, "subject": "ann-1", "owner_id": bob.id}
    keeper = await world.boss.CreateRole(
        role={"display_name": "Keeper", "grants": [{"permission": "identity.external_identity.*", "reach": "TENANT"}]}
    )
    world.roles["Keeper"] = keeper.id
    await world.user("kim", "Keeper")
    kim = await world.signed_in("kim")
    assert await refused(kim.CreateExternalIdentity(external_identity=link)) == "GRANT_TOO_WIDE"
    await world.boss.CreateExternalIdentity(external_identity=link)
    assert await refused(world.boss.CreateExternalIdentity(external_identity=link)) == "ALREADY_EXISTS"
    assert await browser.refusal(way_in, provider) == ""
    assert await browser.who() == "bob@acme.example"


@pytest.mark.parametrize("how", ["suspend", "deactivate", "delete", "unlink"])
async def test_whoever_may_not_work_does_not_come_back_as_somebody_new(
    world: World, provider: Provider, suite: Suite, how: str
) -> None:
    way_in = await enabled(world, provider, jit=True)
    async with suite.browser() as browser:
        await browser.signs_in(way_in, provider)
    user = next(one for one in (await world.boss.ListUsers()).users if one.email == "ann@acme.example")
    boss = (await world.boss.WhoAmI()).principal.user_id
    link = (await world.boss.ListExternalIdentities()).external_identities[0]
    match how:
        case "suspend":
            await world.boss.SuspendUser(id=user.id)
        case "deactivate":
            await world.boss.DeactivateUser(id=user.id, successor_id=boss)
        case "delete":
            await world.boss.DeleteUser(id=user.id)
        case "unlink":
            await world.boss.DeleteExternalIdentity(id=link.id)
    before_it = (await world.boss.ListUsers(with_total=True)).total_size
    async with suite.browser() as browser:
        reason = await browser.refusal(way_in, provider)
        assert reason == ("SSO_EMAIL_TAKEN" if how == "unlink" else "SSO_USER_INACTIVE")
        assert await browser.who() == ""
    assert (await world.boss.ListUsers(with_total=True)).total_size == before_it


async def test_two_first_sign_ins_at_once_make_one_user(world: World, provider: Provider, suite: Suite) -> None:
    way_in = await enabled(world, provider, jit=True)
    async with suite.browser() as one, suite.browser() as two:
        urls = [provider.authorize(await browser.goes(way_in)) for browser in (one, two)]
        tenant = world.admin.transaction()
        await tenant.start()
        await world.admin.execute("select 1 from tenant for update")
        back = [asyncio.create_task(browser.comes_back(url)) for browser, url in zip((one, two), urls, strict=True)]

        async def both_wait() -> bool:
            waiting = "select count(*) from pg_stat_activity where wait_event_type = 'Lock'"
            return bool(await world.admin.fetchval(waiting) >= 2)

        await until(both_wait, 30)
        await tenant.rollback()
        assert [reason_of(reply) for reply in await asyncio.gather(*back)] == ["", ""]
    assert len([one for one in (await world.boss.ListUsers()).users if one.email == "ann@acme.example"]) == 1


async def test_sso_only_refuses_passwords_but_for_who_is_named_for_emergencies(
    world: World, provider: Provider, suite: Suite
) -> None:
    me = (await world.boss.WhoAmI()).principal
    bob = await world.user("bob", "Sales rep")

    async def only(*named: str) -> str:
        policy = {"sso_only": True, "break_glass_user_ids": named}
        return await refused(world.boss.UpdateTenant(tenant={"id": me.tenant_id, "security_policy": policy}))

    assert await only(me.user_id) == "NO_WAY_IN", "no provider is enabled"
    way_in = await enabled(world, provider)
    await world.boss.CreateExternalIdentity(
        external_identity={"identity_provider_id": way_in, "subject": "ann-1", "owner_id": bob.id}
    )
    assert await only() == "NO_WAY_IN"
    assert await only(me.user_id, way_in) == "NO_WAY_IN", "one of them is no user"
    assert await only(me.user_id) == ""
    assert await refused(world.sign_in("bob@acme.example")) == "SSO_REQUIRED"
    assert await refused(world.sign_in("bob@acme.example", "wrong password")) == "SIGN_IN_REFUSED"
    assert (await world.sign_in()).access_token
    async with suite.browser() as browser:
        assert await browser.refusal(way_in, provider) == ""
        assert await browser.who() == "bob@acme.example"


@pytest.mark.parametrize(
    ("trusted", "amr", "due"), [(True, ["mfa"], False), (False, ["mfa"], True), (True, ["pwd"], True)]
)
async def test_id05_a_second_factor_is_asked_for_unless_a_trusted_provider_says_it_was_shown(
    world: World, provider: Provider, browser: Browser, trusted: bool, amr: list[str], due: bool
) -> None:
    way_in = await enabled(world, provider, jit=True, trust_amr=trusted)
    await world.admin.execute("""update tenant set security_policy = '{"mfa_required": true}'""")
    provider.person["amr"] = amr
    assert await browser.refusal(way_in, provider) == ""
    who = (await browser.http.get("/v1/session")).json()
    assert who["principal"]["secondFactorDue"] is due
