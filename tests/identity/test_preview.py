"""What a changed role would give and take, told before anything is saved (B-03)."""

from typing import Any
from uuid import uuid4

from chassis.access.caller import Reach as Far
from chassis.call import Means
from chassis.testing.serving import refusal
from kith.identity.v1.role_pb2 import PreviewRoleChangeRequest, Reach, Right
from tests.identity.suite import World, neighbour

LEADS, DEALS, AMOUNT = "sales.lead", "sales.opportunity", "sales.opportunity.amount"


def grant(permission: str, reach: str) -> dict[str, str]:
    return {"permission": permission, "reach": reach}


async def made(world: World, name: str, *grants: dict[str, str], **more: Any) -> Any:
    return await world.boss.CreateRole(role={"display_name": name, "grants": [*grants], **more})


def told(said: Any) -> dict[str, tuple[str, str, int]]:
    return {
        one.permission: (Reach.Name(one.before)[:9], Reach.Name(one.after)[:9], one.user_count)
        for one in said.permissions
    }


NOT = "REACH_UNSPECIFIED"[:9]


async def test_who_gains_and_loses_what_is_told_and_nothing_is_saved(world: World) -> None:
    role = await made(world, "Seller", grant(f"{LEADS}.*", "OWN"), grant(f"{DEALS}.read", "TEAM"))
    ann = await world.user("ann", role_ids=[role.id])
    bob = await world.user("bob", "Sales manager", role_ids=[role.id, world.roles["Sales manager"]])
    gone = await world.user("gone", role_ids=[role.id])
    await world.boss.SuspendUser(id=gone.id)
    proposed = {"display_name": "Seller", "grants": [grant(f"{LEADS}.*", "TENANT"), grant(f"{DEALS}.delete", "OWN")]}
    said = await world.boss.PreviewRoleChange(id=role.id, role=proposed)
    assert said.user_count == 2
    found = {(one.permission, one.before, one.after): [*one.user_ids] for one in said.permissions}
    assert found[f"{LEADS}.read", Reach.OWN, Reach.TENANT] == [ann.id]
    assert found[f"{LEADS}.read", Reach.TEAM_TREE, Reach.TENANT] == [bob.id]  # whose other role reaches further
    assert found[f"{LEADS}.convert", Reach.OWN, Reach.TENANT] == [ann.id]  # each that a pattern stands for
    assert found[f"{DEALS}.delete", Reach.REACH_UNSPECIFIED, Reach.OWN] == [ann.id]
    assert found[f"{DEALS}.read", Reach.TEAM, Reach.REACH_UNSPECIFIED] == [ann.id]
    assert not [one for one in found if one[0] == f"{DEALS}.update"]
    assert await world.boss.GetRole(id=role.id) == role
    principal = await world.caller_of(ann)
    assert {one.permission: one.reach for one in principal.grants}[f"{LEADS}.*"] == Far.OWN


async def test_what_is_denied_and_what_is_based_on_it_follows(world: World) -> None:
    base = await made(world, "Base", grant(f"{LEADS}.read", "OWN"))
    role = await made(world, "Above", grant(f"{DEALS}.read", "OWN"), base_id=base.id)
    taking = await made(world, "Taking", grant("sales.quote.read", "OWN"), mode="DENY_LIST")
    ann = await world.user("ann", role_ids=[role.id, taking.id])
    wider = await world.boss.PreviewRoleChange(
        id=base.id, role={"display_name": "Base", "grants": [grant(f"{LEADS}.read", "TEAM")]}
    )
    assert (told(wider), wider.user_count) == ({f"{LEADS}.read": ("OWN", "TEAM", 1)}, 1)
    assert [*wider.permissions[0].user_ids] == [ann.id]
    denied = await world.boss.PreviewRoleChange(
        id=taking.id, role={"display_name": "Taking", "grants": [grant(f"{DEALS}.*", "OWN")]}
    )
    assert told(denied) == {f"{DEALS}.read": ("OWN", NOT, 1)}


async def test_fields_come_and_go_with_it(world: World) -> None:
    role = await made(world, "Seller", grant(f"{DEALS}.*", "OWN"))
    await world.user("ann", role_ids=[role.id])
    proposed = {"display_name": "S", "grants": [grant(f"{DEALS}.*", "OWN")]}
    said = await world.boss.PreviewRoleChange(
        id=role.id, role=proposed | {"field_rights": [{"field": AMOUNT, "right": "MASKED"}]}
    )
    (one,) = said.fields
    assert (one.field, one.before, one.after, one.user_count) == (AMOUNT, Right.WRITE, Right.MASKED, 1)
    closed = await world.boss.PreviewRoleChange(id=role.id, role=proposed | {"closed_nouns": [DEALS]})
    assert {one.field: one.after for one in closed.fields}[AMOUNT] == Right.NONE


async def test_what_could_not_be_saved_is_refused_here_too(world: World) -> None:
    role = await made(world, "Seller", grant(f"{LEADS}.*", "OWN"))
    above = await made(world, "Above", base_id=role.id)
    same = {"display_name": "Seller"}
    for proposed, field in (
        ({"grants": [grant("nonsense", "OWN")]}, "role.grants[0].permission"),
        ({"grants": [grant("sales.lead.read", "OWN") | {"reach": 9}]}, "role.grants[0].reach"),
        ({"base_id": str(uuid4())}, "role.base_id"),
    ):
        refused = await refusal(world.boss.PreviewRoleChange(id=role.id, role=same | proposed))
        assert (refused.code, [*refused.fields]) == ("INVALID_ARGUMENT", [field])
    cycle = await refusal(world.boss.PreviewRoleChange(id=role.id, role=same | {"base_id": above.id}))
    assert cycle.reason == "ROLE_CYCLE"
    assert (await refusal(world.boss.PreviewRoleChange(id=str(uuid4()), role=same))).code == "NOT_FOUND"
    await world.user("ann", "Sales manager")
    ann = await world.signed_in("ann")
    assert (await refusal(ann.PreviewRoleChange(id=role.id, role=same))).code == "PERMISSION_DENIED"
    assert (await refusal(ann.PreviewIdentityAccess(id=role.id, role=same))).code == "PERMISSION_DENIED"


async def test_services_are_told_of_holders_as_they_are_and_as_they_would_be(world: World) -> None:
    role = await made(world, "Seller", grant(f"{LEADS}.*", "OWN"))
    users = [await world.user(f"p{n}", role_ids=[role.id]) for n in range(3)]
    change = PreviewRoleChangeRequest(id=role.id)
    change.role.display_name = "Seller"
    change.role.grants.add(permission=f"{LEADS}.read", reach=Reach.TENANT)
    async with neighbour(world.replica) as (sales, _):
        changed_by = sales.means(Means()).changed_by
        assert changed_by is not None
        found = await changed_by((await world.caller_of(users[0])).tenant_id, change)
    assert found.user_count == 3
    assert {str(before.user_id) for before, _ in found.holders} == {user.id for user in users}
    for before, after in found.holders:
        assert (before.grants, after.grants) == ({f"{LEADS}.*": Far.OWN}, {f"{LEADS}.read": Far.TENANT})


async def test_identity_counts_its_own(world: World) -> None:
    role = await made(world, "Hidden", grant("identity.session.read", "OWN"))
    await world.user("ann", role_ids=[role.id])
    await world.signed_in("ann")
    proposed = {"display_name": "Hidden", "grants": [grant("identity.session.read", "TENANT")]}
    said = await world.boss.PreviewIdentityAccess(id=role.id, role=proposed)
    (one,) = said.nouns
    assert (one.noun, one.gaining_user_count, one.gained_count) == ("identity.session", 1, 1)  # the admin's
    assert (said.user_count, said.counted_user_count) == (1, 1)
