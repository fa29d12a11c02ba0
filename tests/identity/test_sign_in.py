"""Signing in: by e-mail and password, without telling who exists, and without letting anybody guess."""

import asyncio

import pytest
from argon2 import PasswordHasher

from chassis.testing.serving import Refused, refusal
from tests.identity.suite import ADMIN_EMAIL, OTHER_PASSWORD, PASSWORD, World, is_refused, until

REFUSED = Refused("UNAUTHENTICATED", "SIGN_IN_REFUSED")


async def test_a_session_is_opened_and_worked_with(world: World) -> None:
    signed = await world.sign_in("  Admin@ACME.example ", device="Firefox")
    me = await world.replica.as_(signed.access_token).WhoAmI()
    assert (me.email, me.tenant_slug, me.principal.tenant_id) == (ADMIN_EMAIL, "acme", world.tenant.id)
    assert [(grant.permission, grant.reach) for grant in me.principal.grants] == [("*", 4)]
    session = await world.boss.GetSession(id=signed.session_id)
    assert (session.device, [*session.auth_methods], session.owner_id) == (
        "Firefox",
        ["password"],
        me.principal.user_id,
    )
    assert session.expire_time.seconds - session.create_time.seconds == 30 * 86400
    assert (await world.boss.GetUser(id=me.principal.user_id)).HasField("last_sign_in_time")


async def test_who_may_not_is_told_nothing_more(world: World) -> None:
    ann = await world.user("ann", "Sales rep")
    bob = await world.user("bob", "Sales rep")
    await world.boss.CreateUser(user={"email": "new@acme.example", "display_name": "no password yet"})
    await world.boss.SuspendUser(id=bob.id)
    told = [
        await refusal(world.sign_in("ann@acme.example", "wrong")),
        await refusal(world.sign_in("nobody@acme.example")),
        await refusal(world.sign_in("bob@acme.example")),
        await refusal(world.sign_in("new@acme.example")),
        await refusal(world.sign_in("ann@acme.example", tenant_slug="another")),
    ]
    assert {(one.code, one.reason, one.message) for one in told} == {
        ("UNAUTHENTICATED", "SIGN_IN_REFUSED", "wrong e-mail or password")
    }
    await world.boss.DeleteUser(id=ann.id)
    assert await refusal(world.sign_in("ann@acme.example")) == REFUSED


async def test_the_tenant_is_asked_only_where_the_password_fits_several(world: World) -> None:
    await world.provision("beta", password=OTHER_PASSWORD)
    assert (await world.sign_in(password=OTHER_PASSWORD)).session_id
    await world.provision("gamma")
    asked = await refusal(world.sign_in())
    assert (asked.code, asked.reason, [*asked.fields]) == ("INVALID_ARGUMENT", "TENANT_NEEDED", ["tenant_slug"])
    for slug in ("acme", "gamma"):
        me = await world.replica.as_((await world.sign_in(tenant_slug=slug)).access_token).WhoAmI()
        assert me.tenant_slug == slug
    assert await refusal(world.sign_in(tenant_slug="beta")) == REFUSED


async def test_a_hash_of_older_parameters_is_renewed(world: World) -> None:
    weak = PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash(PASSWORD)
    await world.admin.execute("update credential set password_hash = $1", weak)
    await world.sign_in()
    renewed = await world.admin.fetchval("select password_hash from credential")
    assert renewed.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert (await world.sign_in()).session_id


async def test_many_at_once_are_served_or_told_to_come_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("identity.authentication.passwords.WAITING", 3)
    outcomes = await asyncio.gather(*(world.sign_in() for _ in range(12)), return_exceptions=True)
    assert sum(not isinstance(one, Exception) for one in outcomes) >= 3
    codes = {one.code().name for one in outcomes if isinstance(one, Exception)}  # type: ignore[attr-defined]
    assert codes == {"RESOURCE_EXHAUSTED"}


async def test_a_password_is_set_by_its_owner_or_by_who_may(world: World) -> None:
    ann = await world.user("ann", "Sales rep")
    await world.user("eve", "Sales rep")
    her, eve = await world.signed_in("ann"), await world.signed_in("eve")
    second = await world.signed_in("ann")
    wrong = await refusal(her.SetPassword(id=ann.id, password=OTHER_PASSWORD, current_password="wrong"))
    assert (wrong.code, [*wrong.fields]) == ("INVALID_ARGUMENT", ["current_password"])
    assert (await refusal(eve.SetPassword(id=ann.id, password=OTHER_PASSWORD))).code == "PERMISSION_DENIED"
    await her.SetPassword(id=ann.id, password=OTHER_PASSWORD, current_password=PASSWORD)
    assert await refusal(world.sign_in("ann@acme.example")) == REFUSED
    assert (await world.sign_in("ann@acme.example", OTHER_PASSWORD)).session_id
    assert (await her.WhoAmI()).display_name == "ann"  # the session it was changed in goes on, the others end
    await until(lambda: is_refused(second.WhoAmI()))


async def test_one_who_may_do_less_does_not_set_the_password_of_one_who_may_do_more(world: World) -> None:
    role = await world.boss.CreateRole(
        role={"display_name": "Helpdesk", "grants": [{"permission": "identity.user.*", "reach": "TENANT"}]}
    )
    await world.user("help", role_ids=[role.id])
    helper = await world.signed_in("help")
    admin = (await world.boss.WhoAmI()).principal.user_id
    assert (await refusal(helper.SetPassword(id=admin, password=OTHER_PASSWORD))).reason == "GRANT_TOO_WIDE"
    for verb in ("SuspendUser", "DeactivateUser"):  # who may be back, and with the password that was set meanwhile
        strong = await world.user(verb.lower(), "Admin")
        more = {"successor_id": admin} if verb == "DeactivateUser" else {}
        await getattr(world.boss, verb)(id=strong.id, **more)
        assert (await refusal(helper.SetPassword(id=strong.id, password=OTHER_PASSWORD))).reason == "GRANT_TOO_WIDE"


@pytest.mark.parametrize("field", ["password_hash", "seed", "digest", "sealed"])
async def test_no_secret_is_stored_in_clear(world: World, field: str) -> None:
    signed = await world.sign_in()
    key = await world.boss.CreateApiKey(api_key={"display_name": "script"})
    rows = await world.admin.fetch(
        "select table_name, column_name from information_schema.columns where table_schema = 'public'"
    )
    secrets = [PASSWORD, signed.refresh_token, signed.session_secret, signed.access_token, key.secret]
    assert field in {row["column_name"] for row in rows}
    for row in rows:
        found = await world.admin.fetch(f'select "{row["column_name"]}"::text as text from "{row["table_name"]}"')
        for secret in secrets:
            for form in (secret, secret.encode().hex()):
                assert not any(form in (one["text"] or "") for one in found), row
