"""What roles allow, who may give them, and that somebody always stays who can manage access."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.access import caller as access
from chassis.testing.serving import Client, refusal
from identity.role.field_rights import field_rights_of
from identity.role.rules import grants_of
from identity.tenant.default_roles import DEFAULTS
from kith.identity.v1.role_pb2 import FieldRight, Grant, Reach, Right, Role
from tests.identity.suite import World, until

AMOUNT = "sales.opportunity.amount"


def role(grants: dict[str, str] = {}, **rights: str) -> Role:  # noqa: B006  # only read
    return Role(
        grants=[Grant(permission=name, reach=Reach.Value(reach)) for name, reach in grants.items()],
        field_rights=[
            FieldRight(field=f"sales.opportunity.{one}", right=Right.Value(to)) for one, to in rights.items()
        ],
    )


async def test_several_roles_are_the_widest_of_each(world: World) -> None:
    one = await world.boss.CreateRole(
        role={
            "display_name": "One",
            "grants": [
                {"permission": "sales.*", "reach": "OWN"},
                {"permission": "sales.lead.read", "reach": "TENANT"},
            ],
            "field_rights": [{"field": AMOUNT, "right": "MASKED"}, {"field": "sales.lead.phones", "right": "NONE"}],
        }
    )
    two = await world.boss.CreateRole(
        role={
            "display_name": "Two",
            "grants": [{"permission": "sales.*", "reach": "TEAM"}],
            "field_rights": [{"field": AMOUNT, "right": "READ"}, {"field": "sales.lead.phones", "right": "NONE"}],
        }
    )
    user = await world.user("ann", role_ids=[one.id, two.id])
    principal = await world.caller_of(user)
    assert {grant.permission: grant.reach for grant in principal.grants} == {
        "sales.*": access.Reach.TEAM,
        "sales.lead.read": access.Reach.TENANT,
    }
    assert {one.field: one.right for one in principal.field_rights} == {
        AMOUNT: access.Right.READ,
        "sales.lead.phones": access.Right.NONE,
    }


@pytest.mark.parametrize(
    ("roles", "right"),
    [
        ([role({"sales.*": "OWN"}, amount="NONE")], access.Right.NONE),
        ([role({"sales.*": "OWN"}, amount="NONE"), role({"sales.*": "OWN"})], None),
        ([role({"sales.*": "OWN"}, amount="NONE"), role({"*.*.read": "OWN"})], access.Right.READ),
        ([role({"sales.*": "OWN"}, amount="NONE"), role({"contacts.*": "OWN"})], access.Right.NONE),
        ([role({"sales.*": "OWN"}, amount="NONE"), role(amount="MASKED")], access.Right.MASKED),
        ([role({"sales.*": "OWN"}, amount="WRITE"), role(amount="MASKED")], None),
    ],
)
def test_a_field_is_limited_by_the_widest_that_speaks_of_it(roles: list[Role], right: access.Right | None) -> None:
    assert field_rights_of(roles).fields.get(AMOUNT) == right


@given(
    st.lists(st.dictionaries(st.sampled_from(["*", "sales.*", "sales.lead.read"]), st.sampled_from(["OWN", "TEAM"])))
)
def test_no_role_takes_away_what_another_gives(given_: list[dict[str, str]]) -> None:
    together = grants_of([role(grants) for grants in given_])
    for grants in given_:
        for permission, reach in grants.items():
            assert together[permission] >= access.Reach[reach]


@pytest.mark.parametrize(
    "permission", ["sales", "sales.lead", "*.x*", "identity.platform.exchange_token", "*.platform.*"]
)
async def test_what_is_no_permission_cannot_be_granted(world: World, permission: str) -> None:
    made = world.boss.CreateRole(role={"display_name": "X", "grants": [{"permission": permission, "reach": "TENANT"}]})
    refused = await refusal(made)
    assert (refused.code, [*refused.fields]) == ("INVALID_ARGUMENT", ["role.grants[0].permission"])


async def test_the_default_roles_stand_and_say_what_they_say(world: World) -> None:
    roles = {one.display_name: one for one in (await world.boss.ListRoles()).roles}
    assert roles.keys() == DEFAULTS.keys()
    assert all(one.system for one in roles.values())
    user = await world.user("ann", "Sales rep")
    grants = {grant.permission: grant.reach for grant in (await world.caller_of(user)).grants}
    assert (grants["sales.lead.*"], grants["sales.pipeline.read"]) == (access.Reach.OWN, access.Reach.TENANT)
    assert "sales.pipeline.update" not in grants


async def manager(world: World) -> tuple[Any, Client]:
    """One who may manage roles and users, and nothing of sales."""
    made = await world.boss.CreateRole(
        role={
            "display_name": "People",
            "grants": [
                {"permission": "identity.*", "reach": "TENANT"},
                {"permission": "contacts.*", "reach": "TEAM"},
            ],
        }
    )
    user = await world.user("mia", role_ids=[made.id])
    return user, await world.signed_in("mia")


async def test_nobody_gives_or_takes_what_they_lack(world: World) -> None:
    me, mia = await manager(world)
    admin = (await world.boss.WhoAmI()).principal.user_id
    wide = {"display_name": "Wide", "grants": [{"permission": "contacts.*", "reach": "TENANT"}]}
    narrow = {"display_name": "Narrow", "grants": [{"permission": "contacts.tag.*", "reach": "OWN"}]}
    made = await mia.CreateRole(role=narrow)
    wider = {"id": made.id, "grants": [{"permission": "sales.*", "reach": "OWN"}]}
    viewer = await world.boss.GetRole(id=world.roles["Viewer"])
    attempts: list[Awaitable[Any]] = [
        mia.CreateRole(role=wide),
        mia.UpdateRole(role=wider),
        mia.UpdateRole(role={"id": viewer.id, "grants": [{"permission": "contacts.tag.read", "reach": "OWN"}]}),
        mia.DeleteRole(id=viewer.id),
        mia.AssignRoles(id=me.id, role_ids=[*me.role_ids, world.roles["Admin"]]),
        mia.AssignRoles(id=admin, role_ids=[]),
        mia.CreateUser(user={"email": "x@acme.example", "display_name": "x", "role_ids": [world.roles["Admin"]]}),
        mia.CreateApiKey(api_key={"display_name": "x", "user_id": admin}),
    ]
    for attempt in attempts:
        refused = await refusal(attempt)
        assert (refused.code, refused.reason) == ("PERMISSION_DENIED", "GRANT_TOO_WIDE")
    assert (await mia.AssignRoles(id=me.id, role_ids=[*me.role_ids, made.id])).role_ids == [*me.role_ids, made.id]


LAST: dict[str, Callable[[World, str], Awaitable[Any]]] = {
    "take the role": lambda world, id: world.boss.AssignRoles(id=id, role_ids=[]),
    "suspend": lambda world, id: world.boss.SuspendUser(id=id),
    "delete the user": lambda world, id: world.boss.DeleteUser(id=id),
    "delete the role": lambda world, _: world.boss.DeleteRole(id=world.roles["Admin"]),
    "narrow the role": lambda world, _: world.boss.UpdateRole(
        role={"id": world.roles["Admin"], "grants": [{"permission": "sales.*", "reach": "TENANT"}]}
    ),
}


@pytest.mark.parametrize("how", LAST)
async def test_the_last_admin_stays(world: World, how: str) -> None:
    admin = (await world.boss.WhoAmI()).principal.user_id
    before = await world.admin.fetchval("select count(*) from outbox")
    refused = await refusal(LAST[how](world, admin))
    assert (refused.code, refused.reason) == ("FAILED_PRECONDITION", "LAST_ADMIN")
    assert await world.admin.fetchval("select count(*) from outbox") == before
    await world.user("eve", "Admin")
    if how not in ("delete the role", "narrow the role"):  # which would be the other one's role too
        await LAST[how](world, admin)


async def test_the_last_admin_does_not_leave(world: World) -> None:
    admin, bob = (await world.boss.WhoAmI()).principal.user_id, await world.user("bob", "Sales rep")
    leaving = world.boss.DeactivateUser(id=admin, successor_id=bob.id)
    assert (await refusal(leaving)).reason == "LAST_ADMIN"


@pytest.mark.parametrize("second", ["suspend", "take the role", "narrow the role", "delete the role"])
async def test_two_admins_do_not_go_at_once_each_counting_on_the_other(world: World, second: str) -> None:
    """The first change is held open until the second waits for it; both would pass if they did not wait."""
    admin = (await world.boss.WhoAmI()).principal.user_id
    eve = await world.user("eve", "Admin")
    rival = await asyncpg.connect(world.urls.admin)
    transaction = rival.transaction()
    await transaction.start()
    await rival.fetch("select id from tenant for update")
    changed = "update \"user\" set state = 'SUSPENDED' where id = $1"
    await rival.execute(changed, UUID(eve.id))
    change = asyncio.ensure_future(refusal(LAST[second](world, admin)))
    waits = "select count(*) from pg_locks where not granted"
    await until(lambda: is_waiting(world, waits))
    await transaction.commit()
    await rival.close()
    assert (await change).reason == "LAST_ADMIN"


async def is_waiting(world: World, sql: str) -> bool:
    return bool(await world.admin.fetchval(sql))


async def test_both_admins_suspending_each_other_leaves_one(world: World) -> None:
    eve = await world.user("eve", "Admin")
    admin = (await world.boss.WhoAmI()).principal.user_id
    her = await world.signed_in("eve")
    outcomes = await asyncio.gather(
        world.boss.SuspendUser(id=eve.id), her.SuspendUser(id=admin), return_exceptions=True
    )
    assert sum(isinstance(one, Exception) for one in outcomes) == 1
    active = """select count(*) from "user" where state = 'ACTIVE'"""
    assert await world.admin.fetchval(active) == 1
