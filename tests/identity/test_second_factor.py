"""ID-05: a second factor is asked for on every path, each code is good once, and guessing it leads nowhere (S21)."""

import asyncio
import base64
import time
from dataclasses import dataclass
from typing import Any

import grpc
import pytest

from chassis.call import Call
from chassis.testing.serving import Client, Refused, refusal
from identity.authentication.brake import GUESSES
from identity.second_factor import factors, rules
from kith.v1 import options_pb2
from tests.identity.letters import carrying
from tests.identity.suite import METHODS, OTHER_PASSWORD, World, is_refused, replica, until

ANN = "ann@acme.example"
CODE_REFUSED = Refused("INVALID_ARGUMENT", "CODE_REFUSED", {"code": "is wrong or was used"})
NEEDED = Refused("PERMISSION_DENIED", "SECOND_FACTOR_NEEDED")
BEFORE = {"SignOut", "WhoAmI", "EnrollMfa", "ConfirmMfa", "VerifyMfa"}


@pytest.fixture(autouse=True)
def days(monkeypatch: pytest.MonkeyPatch) -> None:
    """A step lasts a day, so that no test hangs on how fast it is."""
    monkeypatch.setattr(rules, "STEP_SECONDS", 86_400)


@dataclass
class App:
    """What a person has on their phone."""

    secret: str

    def code(self, later: int = 0) -> str:
        return rules.code_of(base64.b32decode(self.secret), int(time.time()) // rules.STEP_SECONDS + later)


async def time_passes(world: World) -> None:
    """What was shown is of a step long ago."""
    await world.admin.execute("update totp set last_step = 0")


async def enrolled(world: World, client: Client) -> tuple[App, Any]:
    app = App((await client.EnrollMfa()).secret)
    return app, await client.ConfirmMfa(code=app.code())


async def with_app(world: World, name: str = "ann", *roles: str) -> tuple[App, Any]:
    """A user whose app counts."""
    await world.user(name, *(roles or ("Admin",)))
    return await enrolled(world, await world.signed_in(name))


async def require(world: World) -> None:
    policy = {"id": world.tenant.id, "security_policy": {"mfa_required": True}}
    await world.boss.UpdateTenant(tenant=policy, update_mask={"paths": ["security_policy"]})


async def test_a_session_shows_both_factors_and_then_may_do_everything(world: World) -> None:
    app, told = await with_app(world)
    assert len({*told.recovery_codes}) == factors.CODES
    signed = await world.sign_in(ANN)
    half = world.replica.as_(signed.access_token)
    me = await half.WhoAmI()
    assert (me.principal.second_factor_due, [*me.mfa_methods]) == (True, ["totp"])
    assert await refusal(half.ListUsers()) == NEEDED
    await time_passes(world)
    whole = (await half.VerifyMfa(code=app.code())).session
    client = world.replica.as_(whole.access_token)
    assert (await client.ListUsers()).users
    session = await client.GetSession(id=signed.session_id)
    assert [*session.auth_methods] == ["password", "totp"]
    assert await is_refused(world.nobody.ResumeSession(session_secret=signed.session_secret))
    assert await is_refused(world.nobody.RefreshToken(refresh_token=signed.refresh_token))
    refreshed = await world.nobody.RefreshToken(refresh_token=whole.refresh_token)
    assert (await world.replica.as_(refreshed.access_token).ListUsers()).users
    resumed = await world.nobody.ResumeSession(session_secret=whole.session_secret)
    assert (await world.replica.as_(resumed.access_token).ListUsers()).users


async def test_s01_half_a_session_may_call_what_leads_on_or_out_and_nothing_else(world: World) -> None:
    """Of every rpc there is, from the descriptors."""
    await with_app(world)
    half = await world.signed_in("ann")
    asked = {
        name: method
        for name, method in METHODS.items()
        if not method.access.public and not method.descriptor.server_streaming
    }
    told = {name: await refusal(getattr(half, name)()) for name in asked if name not in BEFORE}
    assert {name for name, one in told.items() if one != NEEDED} == set()
    said = {name for name, method in asked.items() if method.before_second_factor}
    assert said == BEFORE
    assert options_pb2.before_second_factor.number == 50150


async def test_no_way_of_going_on_skips_it(world: World) -> None:
    await with_app(world)
    signed = await world.sign_in(ANN)
    refreshed = await world.nobody.RefreshToken(refresh_token=signed.refresh_token)
    resumed = await world.nobody.ResumeSession(session_secret=signed.session_secret)
    for token in (refreshed.access_token, resumed.access_token):
        assert await refusal(world.replica.as_(token).ListUsers()) == NEEDED


async def test_a_session_begun_before_has_to_show_it_too(world: World) -> None:
    await world.user("ann", "Admin")
    first, second = await world.signed_in("ann"), await world.signed_in("ann")
    await enrolled(world, first)

    async def is_needed() -> bool:
        try:
            await second.ListUsers()
        except grpc.aio.AioRpcError as error:
            return error.code() is grpc.StatusCode.PERMISSION_DENIED
        return False

    await until(is_needed, 30)


async def test_a_tenant_that_requires_it_holds_everybody_to_it_at_once_keys_included(world: World) -> None:
    await world.user("ann", "Admin")
    her = await world.signed_in("ann")
    key = world.replica.as_((await her.CreateApiKey(api_key={"display_name": "script"})).secret)
    assert (await key.ListUsers()).users
    await require(world)
    for client in (her, key, world.boss):
        await until(lambda client=client: _is_held(client), 30)  # type: ignore[misc]  # bound at once
    new = await world.signed_in("ann")
    assert await refusal(new.ListUsers()) == NEEDED
    app, told = await enrolled(world, new)
    assert (await world.replica.as_(told.session.access_token).ListUsers()).users
    await until(lambda: _is_free(key), 30)
    assert app.secret


async def _is_held(client: Client) -> bool:
    try:
        await client.ListUsers()
    except grpc.aio.AioRpcError as error:
        return error.code() is grpc.StatusCode.PERMISSION_DENIED
    return False


async def _is_free(client: Client) -> bool:
    return not await _is_held(client)


async def test_s21_a_code_is_good_once_also_for_two_at_once_and_at_two_replicas(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both have read that it was not shown before either says that it is."""
    both, fetch = asyncio.Barrier(2), Call.fetch

    async def together(self: Call, statement: Any, values: Any) -> Any:
        if statement is factors._SHOW:
            await both.wait()
        return await fetch(self, statement, values)

    app, _ = await with_app(world)
    one, other = await world.signed_in("ann"), await world.sign_in(ANN)
    await time_passes(world)
    code = app.code()
    async with replica(world.urls) as elsewhere:
        monkeypatch.setattr(Call, "fetch", together)
        outcomes = await asyncio.gather(
            one.VerifyMfa(code=code),
            elsewhere.as_(other.access_token).VerifyMfa(code=code),
            return_exceptions=True,
        )
        (lost,) = (each for each in outcomes if isinstance(each, grpc.aio.AioRpcError))
        assert lost.code() is grpc.StatusCode.INVALID_ARGUMENT
    monkeypatch.setattr(Call, "fetch", fetch)
    third = await world.signed_in("ann")
    assert await refusal(third.VerifyMfa(code=code)) == CODE_REFUSED
    assert await refusal(third.VerifyMfa(code=app.code(-1))) == CODE_REFUSED  # older than what was shown
    assert (await third.VerifyMfa(code=app.code(1))).session.access_token  # the phone's clock may be ahead


async def test_a_recovery_code_is_good_once_however_it_is_typed(world: World) -> None:
    _, told = await with_app(world)
    first, second, *_ = told.recovery_codes
    one, other = await world.signed_in("ann"), await world.signed_in("ann")
    await one.VerifyMfa(code=first.upper().replace("-", " "))
    assert await refusal(other.VerifyMfa(code=first)) == CODE_REFUSED
    await other.VerifyMfa(code=second)
    assert await world.admin.fetchval("select count(*) from recovery_code") == factors.CODES - 2


async def test_new_recovery_codes_take_a_code_of_the_app_and_make_the_others_void(world: World) -> None:
    app, told = await with_app(world)
    whole = world.replica.as_(told.session.access_token)
    assert await refusal(whole.RegenerateRecoveryCodes(code=told.recovery_codes[0])) == CODE_REFUSED
    await time_passes(world)
    fresh = (await whole.RegenerateRecoveryCodes(code=app.code())).recovery_codes
    half = await world.signed_in("ann")
    assert await refusal(half.VerifyMfa(code=told.recovery_codes[0])) == CODE_REFUSED
    assert (await half.VerifyMfa(code=fresh[0])).session.access_token


async def test_s21_codes_are_guessed_only_so_often_and_a_known_device_still_gets_in(world: World) -> None:
    app, _ = await with_app(world)
    signed = await world.sign_in(ANN)
    half = world.replica.as_(signed.access_token)
    said = []
    for number in range(GUESSES.at_an_account + 10):
        guess = half.VerifyMfa(code=f"{number:06d}x", client_address=f"evil {number}")
        said.append((await refusal(guess)).reason)
    assert said == ["CODE_REFUSED"] * GUESSES.at_an_account + ["TOO_MANY_ATTEMPTS"] * 10
    await time_passes(world)
    stranger = await refusal(half.VerifyMfa(code=app.code(), client_address="elsewhere"))
    assert stranger.reason == "TOO_MANY_ATTEMPTS"
    assert (await half.VerifyMfa(code=app.code(), device_token=signed.device_token)).session.access_token


async def test_half_a_session_adds_no_factor_of_its_own(world: World) -> None:
    """A stolen password must not be enough to put another phone in the place of the owner's."""
    app, _ = await with_app(world)
    half = await world.signed_in("ann")
    assert await refusal(half.EnrollMfa()) == NEEDED
    assert await refusal(half.ConfirmMfa(code=app.code())) == NEEDED
    await time_passes(world)
    assert (await half.VerifyMfa(code=app.code())).session.access_token


async def test_a_factor_is_added_in_a_session_that_has_just_begun(world: World) -> None:
    await world.user("ann", "Admin")
    her = await world.signed_in("ann")
    key = world.replica.as_((await her.CreateApiKey(api_key={"display_name": "script"})).secret)
    assert (await refusal(key.EnrollMfa())).reason == "SIGN_IN_AGAIN"
    assert (await refusal(key.VerifyMfa(code="123456"))).reason == "SIGN_IN_AGAIN"
    assert await refusal(her.ConfirmMfa(code="123456")) == CODE_REFUSED  # nothing waits
    trial = await her.EnrollMfa(validate_only=True)
    assert await refusal(her.ConfirmMfa(code=App(trial.secret).code())) == CODE_REFUSED
    await world.admin.execute("update session set create_time = create_time - interval '16 minutes'")
    assert (await refusal(her.EnrollMfa())).reason == "SIGN_IN_AGAIN"


async def test_s18_a_new_password_leaves_the_second_factor_and_it_is_asked_for(world: World) -> None:
    await with_app(world)
    async with carrying(world) as letters:
        await world.nobody.RequestPasswordReset(email=ANN)
        await world.nobody.ResetPassword(token=await letters.token(ANN), password=OTHER_PASSWORD)
    half = world.replica.as_((await world.sign_in(ANN, OTHER_PASSWORD)).access_token)
    assert await refusal(half.ListUsers()) == NEEDED


async def test_an_admin_helps_one_who_lost_their_phone_and_the_user_is_told(world: World) -> None:
    _, told = await with_app(world)
    ann = (await world.replica.as_(told.session.access_token).WhoAmI()).principal.user_id
    grants = [{"permission": "identity.user.reset_mfa", "reach": "TENANT"}]
    role = await world.boss.CreateRole(role={"display_name": "Helpdesk", "grants": grants})
    await world.user("help", role_ids=[role.id])
    assert (await refusal((await world.signed_in("help")).ResetMfa(id=ann))).reason == "GRANT_TOO_WIDE"
    async with carrying(world) as letters:
        reset = await world.boss.ResetMfa(id=ann)
        assert [*reset.mfa_methods] == []
        assert "second factor was reset" in (await letters.to(ANN))[-1]["Subject"]
    await until(lambda: is_refused(world.replica.as_(told.session.access_token).WhoAmI()), 30)
    assert (await (await world.signed_in("ann")).ListUsers()).users
    assert await world.admin.fetchval("select count(*) from totp") == 0
    assert await world.admin.fetchval("select count(*) from recovery_code") == 0


async def test_s18_a_dump_of_the_database_holds_no_second_factor(world: World) -> None:
    app, told = await with_app(world)
    raw = base64.b32decode(app.secret).hex()
    for table in ("totp", "recovery_code", "outbox", "history", "job"):
        for row in await world.admin.fetch(f"select t::text as text from {table} t"):
            for secret in (
                app.secret,
                raw,
                *told.recovery_codes,
                *(one.replace("-", "") for one in told.recovery_codes),
            ):
                assert secret not in row["text"], table
                assert secret.encode().hex() not in row["text"], table


async def test_a_factor_copied_to_another_users_row_opens_nothing(world: World) -> None:
    app, _ = await with_app(world)
    bob = await world.user("bob", "Admin")
    await world.admin.execute("update totp set user_id = $1, last_step = 0", bob.id)
    await world.admin.execute("update \"user\" set mfa_methods = '{totp}' where id = $1", bob.id)
    half = await world.signed_in("bob")
    assert (await refusal(half.VerifyMfa(code=app.code()))).code == "INTERNAL"  # somebody was at the tables


async def test_a_person_turns_their_own_off_in_a_fresh_session(world: World) -> None:
    _, told = await with_app(world)
    me = world.replica.as_(told.session.access_token)
    half = await world.signed_in("ann")
    assert await refusal(half.TurnOffMfa()) == NEEDED, "who has not shown it does not take it away"
    await world.admin.execute("update session set create_time = now() - interval '16 minutes'")
    assert (await refusal(me.TurnOffMfa())).reason == "SIGN_IN_AGAIN"
    await world.admin.execute("update session set create_time = now()")
    async with carrying(world) as letters:
        assert not (await me.TurnOffMfa()).mfa_methods
        subjects = [one["Subject"] for one in await letters.to(ANN)]
        assert sum("A second factor was removed" in one or "两步验证方式已移除" in one for one in subjects) == 1
    who = await (await world.signed_in("ann")).WhoAmI()
    assert ([*who.mfa_methods], who.principal.second_factor_due) == ([], False)
    for table in ("totp", "recovery_code"):
        assert await world.admin.fetchval(f"select count(*) from {table}") == 0
    assert not (await me.TurnOffMfa()).mfa_methods, "once more changes nothing"


async def test_where_a_second_factor_is_required_the_last_one_stays(world: World) -> None:
    app, told = await with_app(world)
    me = world.replica.as_(told.session.access_token)
    await world.admin.execute("""update tenant set security_policy = '{"mfa_required": true}'""")
    assert (await refusal(me.TurnOffMfa())).reason == "FACTOR_REQUIRED"
    assert [*(await me.WhoAmI()).mfa_methods] == ["totp"]
    await time_passes(world)
    half = await world.signed_in("ann")
    assert (await half.VerifyMfa(code=app.code())).session.access_token
