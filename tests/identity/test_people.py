"""Users, their teams and their keys."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from chassis.access.caller import Reach
from chassis.testing.serving import Refused, refusal
from kith.identity.v1.user_pb2 import UserEvent
from tests.identity.suite import KEYS, PASSWORD, World, until

NOT_FOUND = Refused("NOT_FOUND", "NOT_FOUND")


async def team(world: World, name: str, parent: str = "") -> str:
    made = await world.boss.CreateTeam(team={"display_name": name, "parent_id": parent})
    return str(made.id)


async def chain(world: World, length: int) -> list[str]:
    ids = [""]
    for number in range(length):
        ids.append(await team(world, f"level {number}", ids[-1]))
    return ids[1:]


async def test_the_tree_below_ones_teams_is_ones_own(world: World) -> None:
    region = await team(world, "Region")
    north, south = await team(world, "North", region), await team(world, "South", region)
    city, other = await team(world, "City", north), await team(world, "Other")
    user = await world.user("ann", "Sales manager", team_ids=[north, region])
    principal = await world.caller_of(user)
    assert [*principal.team_ids] == [north, region]
    assert {*principal.teams_below} == {south, city}
    await world.boss.SetTeams(id=user.id, team_ids=[city, other], primary_team_id=other)
    principal = await world.caller_of(user)
    assert ([*principal.team_ids], [*principal.teams_below]) == ([other, city], [])
    before = principal.version
    await world.boss.MoveTeam(id=region, parent_id=other)
    principal = await world.caller_of(user)
    assert ({*principal.teams_below}, principal.version > before) == ({region, north, south}, True)


async def test_a_team_is_never_below_itself_nor_too_deep(world: World) -> None:
    levels = await chain(world, 10)
    assert (await refusal(team(world, "eleventh", levels[-1]))).reason == "TEAM_TOO_DEEP"
    for under in (levels[0], levels[4], levels[9]):
        assert (await refusal(world.boss.MoveTeam(id=levels[0], parent_id=under))).reason == "TEAM_CYCLE"
    pair = await chain(world, 2)
    assert (await refusal(world.boss.MoveTeam(id=pair[0], parent_id=levels[8]))).reason == "TEAM_TOO_DEEP"
    moved = await world.boss.MoveTeam(id=pair[0], parent_id=levels[7])
    assert moved.parent_id == levels[7]
    top = await world.boss.MoveTeam(id=pair[0])
    assert top.parent_id == ""
    nowhere = await refusal(world.boss.MoveTeam(id=pair[0], parent_id=str(uuid4())))
    assert (nowhere.code, [*nowhere.fields]) == ("INVALID_ARGUMENT", ["parent_id"])


async def test_two_moves_do_not_make_a_cycle_together(world: World) -> None:
    """The first is held open until the second waits for it: by themselves both would be right."""
    north, south = await team(world, "North"), await team(world, "South")
    city = await team(world, "City", south)
    rival = await asyncpg.connect(world.urls.admin)
    transaction = rival.transaction()
    await transaction.start()
    await rival.fetch("select id from tenant for update")
    await rival.execute("update team set parent_id = $1 where id = $2", UUID(city), UUID(north))
    second = asyncio.ensure_future(refusal(world.boss.MoveTeam(id=south, parent_id=north)))
    await until(lambda: second.done() or waits(world))
    await transaction.commit()
    await rival.close()
    assert (await second).reason == "TEAM_CYCLE"


async def waits(world: World) -> bool:
    """Whether some call waits for another's lock."""
    return bool(await world.admin.fetchval("select count(*) from pg_locks where not granted"))


async def test_a_team_in_use_stays(world: World) -> None:
    parent = await team(world, "Region")
    child = await team(world, "City", parent)
    assert (await refusal(world.boss.DeleteTeam(id=parent))).reason == "TEAM_IN_USE"
    user = await world.user("ann", "Sales rep", team_ids=[child])
    assert (await refusal(world.boss.DeleteTeam(id=child))).reason == "TEAM_IN_USE"
    await world.boss.SetTeams(id=user.id)
    await world.boss.DeleteTeam(id=child)
    await world.boss.DeleteTeam(id=parent)


async def test_a_user_is_in_teams_that_are_there_and_the_primary_one_among_them(world: World) -> None:
    north, south = await team(world, "North"), await team(world, "South")
    user = await world.user("ann", "Sales rep", team_ids=[north])
    assert user.primary_team_id == north
    wrong = await refusal(world.boss.SetTeams(id=user.id, team_ids=[north], primary_team_id=south))
    assert (wrong.code, [*wrong.fields]) == ("INVALID_ARGUMENT", ["primary_team_id"])
    lost = await refusal(world.boss.SetTeams(id=user.id, team_ids=[north, str(uuid4())]))
    assert (lost.code, [*lost.fields]) == ("INVALID_ARGUMENT", ["team_ids"])
    roles = await refusal(world.boss.AssignRoles(id=user.id, role_ids=[str(uuid4())]))
    assert (roles.code, [*roles.fields]) == ("INVALID_ARGUMENT", ["role_ids"])


async def test_an_email_is_one_in_a_tenant_whatever_its_capitals(world: World) -> None:
    await world.user("ann", "Sales rep")
    twin = await refusal(world.boss.CreateUser(user={"email": "ANN@acme.example", "display_name": "twin"}))
    assert twin.code == "ALREADY_EXISTS"
    bob = await world.user("bob", "Sales rep")
    assert (
        await refusal(world.boss.UpdateUser(user={"id": bob.id, "email": "Ann@ACME.example"}))
    ).code == "ALREADY_EXISTS"
    changed = await world.boss.UpdateUser(
        user={"id": bob.id, "email": "Robert@acme.example", "time_zone": "Asia/Shanghai"}
    )
    assert changed.email == "robert@acme.example"
    assert (await world.caller_of(bob)).time_zone == "Asia/Shanghai"
    nowhere = await refusal(world.boss.UpdateUser(user={"id": bob.id, "time_zone": "Mars/Base"}))
    assert [*nowhere.fields] == ["user.time_zone"]


async def test_who_leaves_names_a_successor_and_the_world_hears_it(world: World) -> None:
    ann, bob = await world.user("ann", "Sales rep"), await world.user("bob", "Sales rep")
    for successor in (ann.id, str(uuid4())):
        refused = await refusal(world.boss.DeactivateUser(id=ann.id, successor_id=successor))
        assert refused.code in ("INVALID_ARGUMENT", "NOT_FOUND")
    left = await world.boss.DeactivateUser(id=ann.id, successor_id=bob.id)
    assert (left.State.Name(left.state), left.successor_id) == ("DEACTIVATED", bob.id)
    payload = await world.admin.fetchval(
        "select payload from outbox where type = 'kith.identity.user.deactivated.v1' order by position desc limit 1"
    )
    event = UserEvent.FromString(payload)
    assert (event.details.successor_id, event.after.id) == (bob.id, ann.id)
    for verb in ("SuspendUser", "ResumeUser"):
        assert (await refusal(getattr(world.boss, verb)(id=ann.id))).reason == "WRONG_STATE"
    assert (await refusal(world.boss.DeactivateUser(id=ann.id, successor_id=bob.id))).reason == "WRONG_STATE"
    gone = await refusal(world.boss.DeactivateUser(id=bob.id, successor_id=ann.id))
    assert (gone.code, [*gone.fields]) == ("INVALID_ARGUMENT", ["successor_id"])


async def test_a_team_may_hold_what_a_leaver_left(world: World) -> None:
    """ID-03: its manager takes over where there is one who can, and else nobody does yet."""
    ann, bob = await world.user("ann", "Sales rep"), await world.user("bob", "Sales rep")
    north = await team(world, "North")
    for said, field in (
        ({}, "successor_id"),
        ({"successor_id": bob.id, "holding_team_id": north}, "holding_team_id"),
        ({"holding_team_id": str(uuid4())}, "holding_team_id"),
    ):
        refused = await refusal(world.boss.DeactivateUser(id=ann.id, **said))
        assert (refused.code, [*refused.fields]) == ("INVALID_ARGUMENT", [field])
    await world.boss.UpdateTeam(team={"id": north, "manager_id": bob.id})
    left = await world.boss.DeactivateUser(id=ann.id, holding_team_id=north)
    assert (left.State.Name(left.state), left.holding_team_id, left.successor_id) == ("DEACTIVATED", north, bob.id)
    gone = await world.boss.DeactivateUser(id=bob.id, holding_team_id=north)  # who would take over from themselves
    assert (gone.holding_team_id, gone.successor_id) == (north, "")
    payload = await world.admin.fetchval(
        "select payload from outbox where type = 'kith.identity.user.deactivated.v1' order by position desc limit 1"
    )
    event = UserEvent.FromString(payload)
    assert (event.details.holding_team_id, event.details.successor_id) == (north, "")
    cat = await world.user("cat", "Sales rep")
    last = await world.boss.DeactivateUser(id=cat.id, holding_team_id=north)
    assert last.successor_id == ""  # its manager has left


async def test_a_suspended_user_comes_back(world: World) -> None:
    ann = await world.user("ann", "Sales rep")
    assert (await refusal(world.boss.ResumeUser(id=ann.id))).reason == "WRONG_STATE"
    await world.boss.SuspendUser(id=ann.id)
    await world.boss.ResumeUser(id=ann.id)
    assert (await world.sign_in("ann@acme.example")).session_id


async def test_a_rep_sees_their_own_sessions_and_ends_no_other(world: World) -> None:
    await world.user("ann", "Sales rep")
    her = await world.signed_in("ann")
    mine = (await her.ListSessions()).sessions
    assert {one.owner_id for one in mine} == {(await her.WhoAmI()).principal.user_id}
    theirs = [one for one in (await world.boss.ListSessions()).sessions if one.id not in {m.id for m in mine}]
    assert theirs
    assert await refusal(her.GetSession(id=theirs[0].id)) == NOT_FOUND
    assert await refusal(her.EndSession(id=theirs[0].id)) == NOT_FOUND
    await her.EndSession(id=mine[0].id)


async def test_a_key_acts_as_its_user_within_its_scopes(world: World) -> None:
    user = await world.user("ann", "Sales rep")
    for scopes, expected in (
        ([], {"sales.lead.*": Reach.OWN, "identity.user.read": Reach.TENANT}),
        (["sales.*"], {"sales.lead.*": Reach.OWN}),
        (["*.*.read"], {"sales.lead.read": Reach.OWN, "identity.user.read": Reach.TENANT}),
        (["marketing.*"], {}),
    ):
        made = await world.boss.CreateApiKey(api_key={"display_name": "k", "user_id": user.id, "scopes": scopes})
        assert made.secret.startswith(f"kith_{made.api_key.prefix}_")
        me = (await world.replica.as_(made.secret).WhoAmI()).principal
        grants = {grant.permission: grant.reach for grant in me.grants}
        assert me.user_id == user.id
        assert expected.items() <= grants.items()
        assert (not expected) is (not grants)
    listed = await world.boss.GetApiKey(id=made.api_key.id)
    assert listed.HasField("last_used_time")
    assert made.secret not in str(listed)


async def test_a_key_of_few_scopes_makes_none_of_more(world: World) -> None:
    few = await world.boss.CreateApiKey(api_key={"display_name": "k", "scopes": ["identity.api_key.*"]})
    program = world.replica.as_(few.secret)
    assert (await refusal(program.CreateApiKey(api_key={"display_name": "all"}))).reason == "GRANT_TOO_WIDE"
    more = program.CreateApiKey(api_key={"display_name": "same", "scopes": ["identity.api_key.read"]})
    assert (await more).secret


@pytest.mark.parametrize(
    ("key", "field"),
    [
        ({"display_name": "k", "scopes": ["everything"]}, "api_key.scopes[0]"),
        ({"display_name": "k", "expire_time": {"seconds": 1}}, "api_key.expire_time"),
        ({"display_name": "k", "user_id": str(uuid4())}, "api_key.user_id"),
        ({"scopes": []}, "api_key.display_name"),
    ],
)
async def test_a_key_that_could_not_work_is_not_made(world: World, key: dict[str, Any], field: str) -> None:
    refused = await refusal(world.boss.CreateApiKey(api_key=key))
    assert (refused.code, [*refused.fields]) == ("INVALID_ARGUMENT", [field])


async def test_a_secret_is_told_once(world: World) -> None:
    first = await world.boss.CreateApiKey(api_key={"display_name": "k"}, request_id="one")
    again = await refusal(world.boss.CreateApiKey(api_key={"display_name": "k"}, request_id="one"))
    assert again.code == "ALREADY_EXISTS"
    assert (await world.boss.ListApiKeys(with_total=True)).total_size == 1
    assert first.secret


async def test_a_tenant_is_provisioned_once_and_only_by_the_platform(world: World) -> None:
    again = await world.provision("acme")
    assert again.id == world.tenant.id
    assert await world.admin.fetchval("select count(*) from tenant") == 1
    assert (await refusal(world.provision("acme", provision_id="second"))).code == "ALREADY_EXISTS"
    wanted = {"display_name": "X", "slug": "beta", "base_currency": "EUR"}
    fields = {"admin_email": "x@x.example", "admin_display_name": "x", "admin_password": PASSWORD, "provision_id": "1"}
    for client in (world.boss, world.replica.as_(KEYS["sales"]), world.replica.as_(KEYS["gateway"])):
        assert (await refusal(client.ProvisionTenant(tenant=wanted, **fields))).code == "PERMISSION_DENIED"


async def test_tenants_do_not_see_each_other(world: World) -> None:
    await world.user("ann", "Sales rep")
    beta = await world.provision("beta", email="b@beta.example")
    stranger = world.replica.as_((await world.sign_in("b@beta.example")).access_token)
    for rpc, id in (
        ("GetTenant", world.tenant.id),
        ("GetRole", world.roles["Admin"]),
        ("GetUser", (await world.boss.WhoAmI()).principal.user_id),
    ):
        assert await refusal(getattr(stranger, rpc)(id=id)) == NOT_FOUND
    assert (await stranger.GetTenant(id=beta.id)).slug == "beta"
    assert len((await stranger.ListUsers()).users) == 1
    given = {"email": "y@b.example", "display_name": "y", "role_ids": [world.roles["Viewer"]]}
    assert (await refusal(stranger.CreateUser(user=given))).code == "INVALID_ARGUMENT"
