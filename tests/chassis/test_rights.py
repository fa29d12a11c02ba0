"""Two doorways for rights: what one may not see is in no list, sum, reply or refusal, and yet rules see it (S05)."""

from dataclasses import replace
from typing import Any

import pytest

from chassis.testing.serving import Refused, Served, refusal
from kith.test.v1.gadget_pb2 import Gadget
from tests.chassis.gadgets import NORTH, SOUTH

PRICE = {"currency_code": "EUR", "units": 31337}
NOT_FOUND = Refused("NOT_FOUND", "NOT_FOUND")


async def made(shop: Served, user: str = "rep", **fields: Any) -> Gadget:
    gadget: Gadget = await shop.as_(user).CreateGadget(gadget={"display_name": f"of {user}"} | fields)
    return gadget


async def test_a_rep_sees_their_own_a_manager_the_team_a_director_the_tree_an_admin_all(shop: Served) -> None:
    for user in ("rep", "colleague", "southerner"):
        await made(shop, user)
    seen = {}
    for user in ("rep", "manager", "director", "admin", "stranger"):
        seen[user] = {gadget.display_name for gadget in (await shop.as_(user).ListGadgets()).gadgets}
    assert seen == {
        "rep": {"of rep"},
        "manager": {"of rep", "of colleague"},
        "director": {"of rep", "of colleague", "of southerner"},
        "admin": {"of rep", "of colleague", "of southerner"},
        "stranger": set(),
    }


@pytest.mark.parametrize("user", ["colleague", "southerner", "stranger"])
@pytest.mark.parametrize("rpc", ["GetGadget", "DeleteGadget", "UndeleteGadget", "RetireGadget", "ListGadgetRevisions"])
async def test_what_one_may_not_see_does_not_exist(shop: Served, user: str, rpc: str) -> None:
    gadget = await made(shop)
    assert await refusal(getattr(shop.as_(user), rpc)(id=gadget.id)) == NOT_FOUND


async def test_visible_is_not_changeable(shop: Served) -> None:
    gadget = await made(shop)
    change = shop.as_("looker").UpdateGadget(gadget={"id": gadget.id, "stock": 9})
    assert (await refusal(change)).code == "PERMISSION_DENIED"
    assert (await refusal(shop.as_("intern").DeleteGadget(id=gadget.id))).code == "PERMISSION_DENIED"
    assert (await refusal(shop.as_("intern").CreateGadget(gadget={"display_name": "x"}))).code == "PERMISSION_DENIED"


async def test_nobody_is_unauthenticated(shop: Served) -> None:
    assert (await refusal(shop.as_("").ListGadgets())).code == "UNAUTHENTICATED"


async def test_a_hidden_field_is_neither_read_nor_written_nor_asked_about(shop: Served) -> None:
    gadget, discreet = await made(shop, price=PRICE), shop.as_("discreet")
    await shop.as_("rep").UpdateGadget(gadget={"id": gadget.id, "price": PRICE | {"units": 4711}})
    replies = [
        await discreet.GetGadget(id=gadget.id),
        await discreet.GetGadget(id=gadget.id, read_time=gadget.create_time),
        await discreet.BatchGetGadgets(ids=[gadget.id]),
        await discreet.ListGadgets(),
        await discreet.ListGadgetRevisions(id=gadget.id),
        await discreet.UpdateGadget(gadget={"id": gadget.id, "stock": 2}),
        await discreet.RetireGadget(id=gadget.id),
    ]
    for reply in replies:
        assert not {"31337", "4711", "price"} & set(str(reply).replace('"', " ").split()), reply
        assert "of rep" in str(reply)
    for question in (
        {"filter": "price > 5"},
        {"filter": "price:*"},
        {"order_by": "price"},
    ):
        assert (await refusal(discreet.ListGadgets(**question))).code == "INVALID_ARGUMENT"
    sums = {"measures": ["sum(price)"]}
    assert (await refusal(discreet.AggregateGadgets(**sums))).code == "INVALID_ARGUMENT"
    change = discreet.UpdateGadget(gadget={"id": gadget.id, "price": PRICE})
    assert (await refusal(change)).code == "PERMISSION_DENIED"
    assert (await shop.as_("rep").GetGadget(id=gadget.id)).price.units == 4711


async def test_a_masked_field_shows_its_ends_and_cannot_be_asked_about(shop: Served) -> None:
    gadget = await made(shop, phones=[{"number": "+8613800138000"}], serial="A1B2C3")
    squinting = shop.as_("squinting")
    for reply in (
        await squinting.GetGadget(id=gadget.id),
        (await squinting.ListGadgets()).gadgets[0],
        (await squinting.ListGadgetRevisions(id=gadget.id)).revisions[0].after,
    ):
        assert (reply.phones[0].number, reply.serial) == ("138****8000", "A***")
    for text in ('serial = "A1B2C3"', 'serial:"A1"', 'phones.number:"138"'):
        assert (await refusal(squinting.ListGadgets(filter=text))).code == "INVALID_ARGUMENT"
    assert not (await squinting.ListGadgets(filter="13800138000")).gadgets
    assert (await shop.as_("rep").ListGadgets(filter="13800138000")).gadgets
    change = squinting.UpdateGadget(gadget={"id": gadget.id, "serial": "other"})
    assert (await refusal(change)).code == "PERMISSION_DENIED"


async def test_a_field_one_may_only_read_is_not_written(shop: Served) -> None:
    gadget = await made(shop, stock=3)
    careful = shop.as_("careful")
    assert (await careful.GetGadget(id=gadget.id)).stock == 3
    assert (await careful.ListGadgets(filter="stock = 3")).gadgets
    assert (await refusal(careful.UpdateGadget(gadget={"id": gadget.id, "stock": 4}))).code == "PERMISSION_DENIED"
    assert (await careful.RetireGadget(id=gadget.id)).stock == 3


async def test_an_owner_changes_by_transfer_only(shop: Served) -> None:
    rep, gadget, heir = shop.as_("rep"), await made(shop), str(shop.people["southerner"].user_id)
    stolen = rep.UpdateGadget(gadget={"id": gadget.id, "owner_id": heir})
    assert list((await refusal(stolen)).fields) == ["update_mask"]
    moved = await rep.TransferGadget(id=gadget.id, owner_id=heir, team_id=str(SOUTH))
    assert (moved.owner_id, moved.team_id, gadget.team_id) == (heir, str(SOUTH), str(NORTH))
    assert (await shop.events("test.gadget"))[-1][0] == "kith.test.gadget.transferred.v1"
    assert await refusal(rep.GetGadget(id=gadget.id)) == NOT_FOUND


@pytest.mark.parametrize(("user", "code"), [("rep", "PERMISSION_DENIED"), ("admin", "")])
async def test_making_one_for_another_takes_assign(shop: Served, user: str, code: str) -> None:
    other = str(shop.people["colleague"].user_id)
    making = made(shop, user, owner_id=other)
    if code:
        assert (await refusal(making)).code == code
    else:
        assert (await making).owner_id == other


async def test_id05_half_a_session_does_nothing_at_any_service(shop: Served) -> None:
    """The one pipeline refuses before it looks at rights, at what was asked, or at whether it is there."""
    gadget = await made(shop)
    shop.people["half"] = replace(shop.people["rep"], second_factor_due=True)
    half = shop.as_("half")
    calls = [half.GetGadget(id=gadget.id), half.ListGadgets(), half.CreateGadget(), half.DeleteGadget(id="no id")]
    for call in calls:
        assert await refusal(call) == Refused("PERMISSION_DENIED", "SECOND_FACTOR_NEEDED")
