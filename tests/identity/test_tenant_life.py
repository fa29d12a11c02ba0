"""ID-21: a tenant is made, kept out and let in again by whoever runs the suite, and nothing of it is lost."""

import asyncio
import json
from typing import Any
from uuid import UUID

import pytest
from typer.testing import CliRunner, Result

from chassis.access.caller import Caller
from chassis.errors import TenantSuspended, Unauthenticated
from chassis.testing.serving import refusal
from cli.main import app
from identity.settings import PLATFORM
from kith.identity.v1.tenant_pb2 import Tenant, TenantEvent
from tests.identity.letters import carrying
from tests.identity.suite import ADMIN_EMAIL, KEYS, OTHER_PASSWORD, PASSWORD, World, is_refused, neighbour, until

WHY = "the contract of 2026 has ended"


async def reasons(*calls: Any) -> set[str]:
    return {(await refusal(call)).reason for call in calls}


async def test_a_suspended_tenant_is_out_everywhere_and_comes_back_as_it_was(world: World) -> None:
    await world.provision("other", "ada@other.example")
    elsewhere = world.replica.as_((await world.sign_in("ada@other.example")).access_token)
    signed = await world.sign_in()
    key = (await world.boss.CreateApiKey(api_key={"display_name": "k"})).secret
    ways_in = world.replica.as_(signed.access_token), world.replica.as_(key)
    bearers = [signed.access_token, key]
    async with neighbour(world.replica) as (there, _):

        async def out_at_sales(bearer: str) -> bool:
            try:
                await there.authenticate([("authorization", f"Bearer {bearer}")])
            except Unauthenticated as error:
                return isinstance(error, TenantSuspended)
            return False

        for bearer in bearers:
            assert not await out_at_sales(bearer)
        told = await world.platform.SuspendTenant(slug="acme", reason=WHY)
        assert told.state == Tenant.SUSPENDED
        for bearer in bearers:
            await until(lambda bearer=bearer: out_at_sales(bearer))  # type: ignore[misc]  # bound at once
        for client in ways_in:
            await until(lambda client=client: is_refused(client.WhoAmI()))  # type: ignore[misc]  # as above
        assert await reasons(
            *(client.WhoAmI() for client in ways_in),
            world.nobody.RefreshToken(refresh_token=signed.refresh_token),
            world.nobody.ResumeSession(session_secret=signed.session_secret),
        ) == {"TENANT_SUSPENDED"}
        assert await reasons(world.sign_in()) == {"SIGN_IN_REFUSED"}  # a stranger learns of no state
        assert (await elsewhere.WhoAmI()).tenant_slug == "other"

        told = await world.platform.ResumeTenant(slug="acme", reason="paid")
        assert told.state == Tenant.ACTIVE
        for client in ways_in:
            assert (await client.WhoAmI()).email == ADMIN_EMAIL
        assert (await world.nobody.RefreshToken(refresh_token=signed.refresh_token)).access_token
        assert (await world.nobody.ResumeSession(session_secret=signed.session_secret)).access_token

        async def in_at_sales() -> bool:
            return not await out_at_sales(key)

        await until(in_at_sales)


async def test_a_link_opens_nothing_meanwhile_and_is_good_afterwards(world: World) -> None:
    async with carrying(world) as letters:
        await world.boss.InviteUser(user={"email": "ann@acme.example", "display_name": "Ann"})
        token = await letters.token("ann@acme.example")
        await world.platform.SuspendTenant(slug="acme", reason=WHY)
        accepted = world.nobody.AcceptInvitation(token=token, password=OTHER_PASSWORD)
        assert await reasons(accepted) == {"LINK_REFUSED"}
        await world.platform.ResumeTenant(slug="acme", reason="paid")
        await world.nobody.AcceptInvitation(token=token, password=OTHER_PASSWORD)
        assert (await world.sign_in("ann@acme.example", OTHER_PASSWORD)).session_id


async def test_a_service_is_told_to_wait_and_does_nothing_there_itself(world: World) -> None:
    sales = Caller.system(UUID(world.tenant.id), "sales").user_id
    ask = world.replica.as_(KEYS["sales"])
    as_itself = (await ask.ExchangeToken(tenant_id=world.tenant.id)).access_token
    assert (await world.replica.as_(as_itself).ListUsers()).users
    await world.platform.SuspendTenant(slug="acme", reason=WHY)
    principal = await ask.GetPrincipal(tenant_id=world.tenant.id, user_id=str(sales))
    assert (principal.suspended, principal.base_currency) == (
        True,
        "EUR",
    )  # what is on its way is still taken in rightly

    async def rests() -> bool:
        return await is_refused(world.replica.as_(as_itself).ListUsers())

    await until(rests)
    assert await reasons(world.replica.as_(as_itself).ListUsers()) == {"TENANT_SUSPENDED"}


async def test_who_did_it_and_why_is_in_the_tenants_own_history(world: World) -> None:
    for _ in range(2):  # repeated, nothing more happens
        await world.platform.SuspendTenant(slug="acme", reason=WHY)
    for _ in range(2):
        await world.platform.ResumeTenant(slug="acme", reason="paid")
    rows = await world.admin.fetch(
        "select payload from outbox where aggregatetype = 'identity.tenant' order by position"
    )
    events = [TenantEvent.FromString(row["payload"]) for row in rows][1:]
    operator = str(Caller.system(PLATFORM, "platform").user_id)
    told = [(one.verb, one.details.reason, one.actor_id, one.after.state) for one in events]
    assert told == [("suspended", WHY, operator, Tenant.SUSPENDED), ("resumed", "paid", operator, Tenant.ACTIVE)]


async def test_whoever_runs_the_suite_sees_all_tenants_and_nothing_that_is_theirs(world: World) -> None:
    await world.provision("other", "ada@other.example")
    await world.user("ann")
    gone = await world.user("bob")
    await world.boss.DeactivateUser(id=gone.id, successor_id=(await world.boss.WhoAmI()).principal.user_id)
    await world.platform.SuspendTenant(slug="other", reason=WHY)
    first = await world.platform.ListAllTenants(page_size=1)
    second = await world.platform.ListAllTenants(page_size=1, page_token=first.next_page_token)
    told = [(one.slug, one.display_name, one.state, one.users) for one in (*first.tenants, *second.tenants)]
    assert told == [("acme", "Acme", Tenant.ACTIVE, 2), ("other", "Other", Tenant.SUSPENDED, 1)]
    assert second.next_page_token == ""
    assert b"@" not in first.SerializeToString()
    for client in (world.boss, world.replica.as_(KEYS["gateway"]), world.replica.as_(KEYS["sales"])):
        assert (await refusal(client.ListAllTenants())).code == "PERMISSION_DENIED"
    for rpc in (world.platform.ListUsers(), world.platform.GetTenant(id=world.tenant.id)):
        assert (await refusal(rpc)).code == "PERMISSION_DENIED"


async def test_no_tenant_does_it_and_no_other_program_of_the_suite(world: World) -> None:
    """S01: whatever roles they hold."""
    for client in (world.boss, world.replica.as_(KEYS["gateway"]), world.replica.as_(KEYS["sales"])):
        for rpc in (client.SuspendTenant, client.ResumeTenant):
            assert (await refusal(rpc(slug="acme", reason=WHY))).code == "PERMISSION_DENIED"
    for rpc in (world.platform.SuspendTenant, world.platform.ResumeTenant):
        assert (await refusal(rpc(slug="nobody", reason=WHY))).code == "NOT_FOUND"
        assert (await refusal(rpc(slug="acme"))).code == "INVALID_ARGUMENT"
    assert (await world.boss.GetTenant(id=world.tenant.id)).state == Tenant.ACTIVE


async def test_the_command_line_makes_one_keeps_it_out_and_lets_it_in(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KITH_IDENTITY_ADDRESS", f"127.0.0.1:{world.replica.port}")
    monkeypatch.setenv("KITH_PLATFORM_KEY", KEYS["platform"])

    async def kith(*words: str) -> Result:
        return await asyncio.to_thread(CliRunner().invoke, app, ["tenants", *words])

    new = (
        "provision",
        "qinghe",
        "--name",
        "青禾",
        "--email",
        "wang@qinghe.example",
        "--admin",
        "王芳",
        "--currency",
        "CNY",
    )
    made = await kith(*new, "--locale", "zh-CN", "--time-zone", "Asia/Shanghai")
    assert made.exit_code == 0, made.output
    password = made.output.partition("the password ")[2].split()[0]
    signed = await world.sign_in("wang@qinghe.example", password)
    me = (await world.replica.as_(signed.access_token).WhoAmI()).principal
    assert (me.locale, me.time_zone, me.base_currency) == ("zh-CN", "Asia/Shanghai", "CNY")
    again = await kith(*new)
    assert again.exit_code != 0  # a second password would open nothing
    assert (await kith("suspend", "qinghe", "--reason", WHY)).exit_code == 0
    assert (await kith("list")).output.split("\n")[:2] == ["acme  ACTIVE  1  Acme", "qinghe  SUSPENDED  1  青禾"]
    assert json.loads((await kith("list", "--json")).output)[1]["state"] == "SUSPENDED"
    assert await reasons(world.sign_in("wang@qinghe.example", password)) == {"SIGN_IN_REFUSED"}
    assert (await kith("resume", "qinghe", "--reason", "paid")).exit_code == 0
    assert (await world.sign_in("wang@qinghe.example", password)).session_id
    assert (await kith("suspend", "nobody", "--reason", WHY)).exit_code != 0
    assert (await world.sign_in(password=PASSWORD)).session_id
