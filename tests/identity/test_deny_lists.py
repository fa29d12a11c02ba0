"""Roles that take, roles based on others, and roles with these fields and no others (ID-07, ID-09, B-02)."""

import itertools
from typing import Any

import pytest

from chassis.access.caller import Reach, Right
from chassis.access.principal import caller_of
from chassis.errors import PermissionDenied
from chassis.testing.serving import refusal
from tests.identity.suite import World

AMOUNT, NAME = "sales.opportunity.amount", "sales.opportunity.display_name"
NUMBERS = itertools.count()
DEALS = {"permission": "sales.opportunity.*", "reach": "TENANT"}


async def role(world: World, name: str, *grants: dict[str, str], **more: Any) -> str:
    made = await world.boss.CreateRole(role={"display_name": name, "grants": grants} | more)
    world.roles[name] = made.id
    return str(made.id)


async def known(world: World, *roles: str) -> Any:
    """Somebody with these roles, as services have them."""
    user = await world.user(f"user{next(NUMBERS)}", *roles)
    return caller_of(await world.caller_of(user))


def may(caller: Any, permission: str) -> bool:
    try:
        return bool(caller.reach(permission))
    except PermissionDenied:
        return False


async def test_a_deny_list_wins_over_all_that_is_granted(world: World) -> None:
    await role(world, "no deleting", {"permission": "*.*.delete", "reach": "OWN"}, mode="DENY_LIST")
    caller = await known(world, "Admin", "no deleting")
    assert (may(caller, "sales.lead.delete"), may(caller, "contacts.tag.delete")) == (False, False)
    assert caller.reach("sales.lead.update") is Reach.TENANT
    assert caller.roles_by == {"*": (world.roles["Admin"],), "*.*.delete": (world.roles["no deleting"],)}


async def test_a_deny_list_leaves_no_more_of_a_field_than_it_says(world: World) -> None:
    await role(world, "writes", DEALS, field_rights=[{"field": AMOUNT, "right": "WRITE"}])
    await role(world, "no amounts", mode="DENY_LIST", field_rights=[{"field": AMOUNT, "right": "MASKED"}])
    assert (await known(world, "writes")).masks("sales.opportunity") == frozenset()
    caller = await known(world, "writes", "no amounts")
    assert (caller.masks("sales.opportunity"), caller.hides("sales.opportunity")) == ({"amount"}, frozenset())


async def test_what_one_is_denied_one_neither_gives_nor_takes_back(world: World) -> None:
    no_leads = await role(world, "no leads", {"permission": "sales.lead.*", "reach": "TENANT"}, mode="DENY_LIST")
    ann = await world.user("ann", "Admin", "no leads")
    their = await world.signed_in("ann")
    grant = [{"permission": "sales.lead.read", "reach": "OWN"}]
    made = their.CreateRole(role={"display_name": "mine", "grants": grant})
    assert (await refusal(made)).reason == "GRANT_TOO_WIDE"
    wide = their.CreateRole(role={"display_name": "mine", "grants": [{"permission": "*", "reach": "OWN"}]})
    assert (await refusal(wide)).reason == "GRANT_TOO_WIDE"
    free = their.AssignRoles(id=ann.id, role_ids=[world.roles["Admin"]])
    assert (await refusal(free)).reason == "GRANT_TOO_WIDE"
    assert (await refusal(their.DeleteRole(id=no_leads))).reason == "GRANT_TOO_WIDE"
    key = await their.CreateApiKey(api_key={"display_name": "own"})
    assert key.secret


async def test_the_last_admin_is_not_denied_to_manage_access(world: World) -> None:
    denying = await role(world, "no roles", {"permission": "identity.role.*", "reach": "TENANT"}, mode="DENY_LIST")
    (admin,) = (await world.boss.ListUsers()).users
    given = world.boss.AssignRoles(id=admin.id, role_ids=[world.roles["Admin"], denying])
    assert (await refusal(given)).reason == "LAST_ADMIN"


async def test_a_role_has_all_that_its_bases_have(world: World) -> None:
    lowest = await role(world, "lowest", {"permission": "sales.lead.read", "reach": "OWN"})
    middle = await role(world, "middle", DEALS, base_id=lowest, field_rights=[{"field": AMOUNT, "right": "NONE"}])
    await role(world, "highest", base_id=middle, field_rights=[{"field": AMOUNT, "right": "READ"}])
    middling, high = await known(world, "middle"), await known(world, "highest")
    assert middling.grants == {"sales.lead.read": Reach.OWN, "sales.opportunity.*": Reach.TENANT}
    assert high.grants == middling.grants
    assert (middling.field_rights, high.field_rights) == ({AMOUNT: Right.NONE}, {AMOUNT: Right.READ})
    await world.boss.UpdateRole(role={"id": lowest, "grants": [{"permission": "sales.lead.read", "reach": "TEAM"}]})
    assert (await known(world, "highest")).grants["sales.lead.read"] is Reach.TEAM


async def test_a_role_is_never_its_own_base_nor_of_the_other_mode_nor_put_away_beneath_others(world: World) -> None:
    one = await role(world, "one")
    two = await role(world, "two", base_id=one)
    three = await role(world, "three", base_id=two)
    for base in (one, two, three):
        assert (await refusal(world.boss.UpdateRole(role={"id": one, "base_id": base}))).reason == "ROLE_CYCLE"
    other = world.boss.CreateRole(role={"display_name": "x", "base_id": one, "mode": "DENY_LIST"})
    assert [*(await refusal(other)).fields] == ["role.base_id"]
    assert (await refusal(world.boss.DeleteRole(id=two))).reason == "ROLE_IN_USE"
    assert [*(await refusal(world.boss.UpdateRole(role={"id": one, "mode": "DENY_LIST"}))).fields] == ["update_mask"]
    await world.boss.DeleteRole(id=three)
    await world.boss.DeleteRole(id=two)


async def test_no_more_than_ten_bases_stand_in_a_row(world: World) -> None:
    base = await role(world, "b0")
    for n in range(1, 11):
        base = await role(world, f"b{n}", base_id=base)
    more = world.boss.CreateRole(role={"display_name": "b11", "base_id": base})
    assert [*(await refusal(more)).fields] == ["role.base_id"]


async def test_what_a_base_grants_is_given_with_the_role(world: World) -> None:
    strong = await role(world, "strong", {"permission": "sales.*", "reach": "TENANT"})
    await role(world, "maker", {"permission": "identity.role.*", "reach": "TENANT"})
    await world.user("ann", "maker")
    weak = (await world.signed_in("ann")).CreateRole(role={"display_name": "weak", "base_id": strong})
    assert (await refusal(weak)).reason == "GRANT_TOO_WIDE"


async def test_a_closed_noun_hides_every_field_that_is_not_named(world: World) -> None:
    only = {"closed_nouns": ["sales.opportunity"]}
    named = [{"field": NAME, "right": "WRITE"}, {"field": AMOUNT, "right": "READ"}]
    await role(world, "only names", DEALS, field_rights=named, **only)
    caller = await known(world, "only names")
    hidden = caller.hides("sales.opportunity")
    assert {"next_step", "stage_id", "custom_fields", "labels"} <= hidden
    assert not {"display_name", "amount", "id", "etag", "create_time", "owner_id"} & hidden
    assert "amount" in caller.may_not_write("sales.opportunity")
    assert "display_name" not in caller.may_not_write("sales.opportunity")
    await role(
        world, "next steps too", DEALS, field_rights=[{"field": "sales.opportunity.next_step", "right": "READ"}], **only
    )
    assert "next_step" not in (await known(world, "only names", "next steps too")).hides("sales.opportunity")
    await role(world, "all fields", DEALS)
    assert not (await known(world, "only names", "all fields")).hides("sales.opportunity")
    await role(world, "closing", mode="DENY_LIST", **only)
    assert "next_step" in (await known(world, "all fields", "closing")).hides("sales.opportunity")


async def test_a_field_that_comes_later_is_hidden_until_it_is_granted(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a service has it whose contract is newer than identity's."""
    from chassis.access import caller as access

    await role(
        world, "only names", DEALS, field_rights=[{"field": NAME, "right": "WRITE"}], closed_nouns=["sales.opportunity"]
    )
    known_before = access.own_fields("sales.opportunity")
    monkeypatch.setattr(access, "own_fields", lambda noun: [*known_before, "invented"])
    assert "invented" in (await known(world, "only names")).hides("sales.opportunity")
