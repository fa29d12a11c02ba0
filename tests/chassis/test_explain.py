"""Why somebody may or may not: the one rule that decides, and it is the one that decides (B-03, ID-07)."""

from dataclasses import replace
from typing import Any

import pytest

from chassis.access.caller import Reach, Right
from chassis.access.sight import Level, SharedBy
from chassis.testing.serving import Served, refusal
from kith.test.v1.gadget_pb2 import Gadget
from kith.v1.access_pb2 import ExplainAccessResponse as Said
from tests.chassis.gadgets import SOUTH

READ, UPDATE, DELETE = (f"test.gadget.{verb}" for verb in ("read", "update", "delete"))


@pytest.fixture
async def gadget(shop: Served) -> Gadget:
    """The rep's; the admin may ask about everybody."""
    change(shop, "admin", grants={**shop.people["admin"].grants, "identity.role.read": Reach.TENANT})
    made: Gadget = await shop.as_("rep").CreateGadget(gadget={"display_name": "lathe", "stock": 3})
    return made


async def why(shop: Served, gadget: Gadget, who: str, permission: str = READ, **more: str) -> Any:
    """As the admin is told of `who`."""
    user = str(shop.people[who].user_id)
    return await shop.as_("admin").ExplainAccess(user_id=user, permission=permission, record_id=gadget.id, **more)


def change(shop: Served, who: str, **more: Any) -> None:
    shop.people[who] = replace(shop.people[who], **more)


def rule(said: Any) -> tuple[bool, str, str]:
    return said.allowed, Said.Rule.Name(said.rule), Said.Reach.Name(said.reach)


async def test_each_rule_is_named_where_it_decides(shop: Served, gadget: Gadget) -> None:
    assert rule(await why(shop, gadget, "rep")) == (True, "REACH", "OWN")
    assert rule(await why(shop, gadget, "manager")) == (True, "REACH", "TEAM")
    assert rule(await why(shop, gadget, "director")) == (True, "REACH", "TEAM_TREE")
    assert rule(await why(shop, gadget, "southerner")) == (False, "OUT_OF_REACH", "OWN")
    assert rule(await why(shop, gadget, "intern", UPDATE)) == (False, "NOT_GRANTED", "REACH_UNSPECIFIED")
    change(shop, "manager", denied=frozenset({"test.*.update"}), roles_by={"test.*.update": (gadget.id,)})
    denied = await why(shop, gadget, "manager", UPDATE)
    assert rule(denied) == (False, "DENIED", "REACH_UNSPECIFIED")
    assert (denied.pattern, [*denied.role_ids]) == ("test.*.update", [gadget.id])
    assert rule(await why(shop, gadget, "manager")) == (True, "REACH", "TEAM")


async def test_a_share_is_named_and_goes_no_further_than_its_level(shop: Served, gadget: Gadget) -> None:
    given = {"id": gadget.id, "team_id": str(SOUTH), "level": "READ", "reason": "fair"}
    await shop.as_("admin").ShareGadget(**given)
    shared = await why(shop, gadget, "southerner")
    assert (rule(shared), shared.share.reason) == ((True, "SHARE", "OWN"), "fair")
    assert rule(await why(shop, gadget, "southerner", UPDATE)) == (False, "OUT_OF_REACH", "OWN")
    await shop.as_("admin").ShareGadget(**given | {"level": "WRITE"})
    assert rule(await why(shop, gadget, "southerner", UPDATE)) == (True, "SHARE", "OWN")
    assert rule(await why(shop, gadget, "southerner", DELETE)) == (False, "OUT_OF_REACH", "OWN")


async def test_a_sharing_rule_is_named_by_its_filter(shop: Served, gadget: Gadget) -> None:
    rules = SharedBy("stock > 5", Level.WRITE), SharedBy("stock = 3", Level.READ)
    change(shop, "southerner", shared_by={"test.gadget": rules})
    said = await why(shop, gadget, "southerner")
    assert (rule(said), said.filter) == ((True, "SHARING_RULE", "OWN"), "stock = 3")
    assert rule(await why(shop, gadget, "southerner", UPDATE)) == (False, "OUT_OF_REACH", "OWN")
    assert (await shop.as_("southerner").ListGadgets()).gadgets
    await shop.as_("rep").UpdateGadget(gadget={"id": gadget.id, "stock": 9})
    assert (await why(shop, gadget, "southerner", UPDATE)).filter == "stock > 5"
    assert (await shop.as_("southerner").UpdateGadget(gadget={"id": gadget.id, "stock": 8})).stock == 8


async def test_a_fields_right_is_told_with_it(shop: Served, gadget: Gadget) -> None:
    asked = {"discreet": ("price", "NONE"), "squinting": ("serial", "MASKED"), "careful": ("stock", "READ")}
    for who, (field, right) in asked.items():
        assert Said.Right.Name((await why(shop, gadget, who, field=field)).field_right) == right
    assert Said.Right.Name((await why(shop, gadget, "careful", field="price")).field_right) == "WRITE"
    assert (await why(shop, gadget, "careful")).field_right == Said.RIGHT_UNSPECIFIED
    change(shop, "careful", closed_nouns=frozenset({"test.gadget"}), field_rights={"test.gadget.stock": Right.WRITE})
    assert Said.Right.Name((await why(shop, gadget, "careful", field="price")).field_right) == "NONE"


async def test_what_is_explained_is_what_happens(shop: Served, gadget: Gadget) -> None:
    await shop.as_("admin").ShareGadget(id=gadget.id, user_id=str(shop.people["southerner"].user_id), level="WRITE")
    change(shop, "colleague", shared_by={"test.gadget": (SharedBy("stock = 3", Level.READ),)})
    for who, caller in [*shop.people.items()]:
        if caller.tenant_id != shop.people["admin"].tenant_id:
            continue
        seen = (await refused(shop.as_(who).GetGadget(id=gadget.id))) == ""
        assert (await why(shop, gadget, who)).allowed is seen, who
        asked = shop.as_(who).UpdateGadget(gadget={"id": gadget.id, "labels": {"a": "b"}}, validate_only=True)
        assert (await why(shop, gadget, who, UPDATE)).allowed is ((await refused(asked)) == ""), who


async def test_who_may_ask_what(shop: Served, gadget: Gadget) -> None:
    rep, me = shop.as_("rep"), str(shop.people["rep"].user_id)
    own = {"permission": READ, "record_id": gadget.id}
    assert (await rep.ExplainAccess(**own)).allowed
    assert (await rep.ExplainAccess(user_id=me, **own)).allowed
    other = rep.ExplainAccess(user_id=str(shop.people["colleague"].user_id), **own)
    assert (await refusal(other)).code == "PERMISSION_DENIED"
    hidden = shop.as_("southerner").ExplainAccess(**own)
    assert (await refusal(hidden)).code == "NOT_FOUND"
    for wrong, field in (
        ({"permission": "sales.lead.read"}, "permission"),
        ({"permission": "test.boat.read"}, "permission"),
        ({"field": "colour"}, "field"),
        ({"user_id": str(shop.people["stranger"].user_id)}, "user_id"),
    ):
        asked = shop.as_("admin").ExplainAccess(**own | wrong)
        assert [*(await refusal(asked)).fields] == [field]


async def refused(asked: Any) -> str:
    """The code, or nothing where it was answered."""
    try:
        return (await refusal(asked)).code
    except AssertionError:
        return ""
