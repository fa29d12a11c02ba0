"""Records that are moved here keep their times, and their ids are made from them, for whoever may move them."""

from typing import Any
from uuid import UUID

import pytest

from chassis.access.caller import Caller, Reach, Right
from chassis.testing.serving import Refused, Served, refusal
from tests.chassis.gadgets import ACME, grants

CREATED, UPDATED = {"seconds": 1_500_000_000, "nanos": 123_456_000}, {"seconds": 1_600_000_000}
SOMEBODY = "0192f6a0-0000-7000-8000-00000000cafe"
MOVED: dict[str, Any] = {"create_time": CREATED, "update_time": UPDATED, "creator_id": SOMEBODY}


def milliseconds(id: str) -> int:
    return UUID(id).int >> 80


async def test_a_moved_record_keeps_its_times_and_has_an_id_of_its_age(shop: Served) -> None:
    admin = shop.as_("admin")
    young = await admin.CreateGadget(gadget={"display_name": "young"})
    old = await admin.CreateGadget(gadget={"display_name": "old"} | MOVED)
    older = await admin.CreateGadget(gadget={"display_name": "older", "create_time": {"seconds": 1_400_000_000}})
    assert (old.create_time.seconds, old.create_time.nanos, old.update_time.seconds) == (
        1_500_000_000,
        123_456_000,
        1_600_000_000,
    )
    assert (old.creator_id, old.updater_id) == (SOMEBODY, str(shop.people["admin"].user_id))
    assert (milliseconds(old.id), UUID(old.id).version) == (1_500_000_000_123, 7)
    assert older.update_time.seconds > young.create_time.seconds - 60, "changed here, and now"
    assert await admin.GetGadget(id=old.id) == old
    for order in ("id", "create_time"):
        listed = (await admin.ListGadgets(order_by=order)).gadgets
        assert [one.display_name for one in listed] == ["older", "old", "young"]


async def test_an_id_that_is_given_stays(shop: Served) -> None:
    made = await shop.as_("admin").CreateGadget(gadget={"display_name": "x"} | MOVED, id=SOMEBODY)
    assert made.id == SOMEBODY


@pytest.mark.parametrize("reach", [None, Reach.OWN, Reach.TEAM_TREE])
async def test_without_the_permission_for_the_whole_tenant_they_are_the_servers(
    shop: Served, reach: Reach | None
) -> None:
    mine = grants(Reach.TENANT) | ({"test.gadget.migrate": reach, "test.gadget.*": reach} if reach else {})
    shop.people["rep"] = Caller(ACME, shop.people["rep"].user_id, mine)
    made = await shop.as_("rep").CreateGadget(gadget={"display_name": "x"} | MOVED)
    assert made.create_time == made.update_time
    assert made.create_time.seconds > 1_700_000_000
    assert made.creator_id == str(shop.people["rep"].user_id)


FUTURE, BEFORE_1970 = {"seconds": 33_000_000_000}, {"seconds": -1}
WRONG: list[tuple[dict[str, Any], str]] = [
    ({"create_time": FUTURE}, "create_time"),
    ({"create_time": {"seconds": 2**60}}, "create_time"),
    ({"create_time": BEFORE_1970}, "create_time"),
    ({"create_time": CREATED, "update_time": FUTURE}, "update_time"),
    ({"create_time": UPDATED, "update_time": CREATED}, "update_time"),
    ({"update_time": CREATED}, "update_time"),
    ({"create_time": CREATED, "creator_id": "nobody"}, "creator_id"),
]


@pytest.mark.parametrize(("said", "field"), WRONG)
async def test_times_that_cannot_be_are_refused_by_their_field(shop: Served, said: dict[str, Any], field: str) -> None:
    refused = await refusal(shop.as_("admin").CreateGadget(gadget={"display_name": "x"} | said))
    assert (refused.code, refused.reason, [*refused.fields]) == (
        "INVALID_ARGUMENT",
        "INVALID_ARGUMENT",
        [f"gadget.{field}"],
    )
    assert not (await shop.as_("admin").ListGadgets()).gadgets


async def test_a_field_that_is_not_theirs_to_write_is_not_theirs_to_move(shop: Served) -> None:
    rights = {"test.gadget.creator_id": Right.READ}
    shop.people["admin"] = Caller(ACME, shop.people["admin"].user_id, {"test.*": Reach.TENANT}, field_rights=rights)
    refused = await refusal(shop.as_("admin").CreateGadget(gadget={"display_name": "x"} | MOVED))
    assert refused == Refused("PERMISSION_DENIED", "PERMISSION_DENIED")
    assert await shop.as_("admin").CreateGadget(gadget={"display_name": "x", "create_time": CREATED})


async def test_history_begins_when_the_record_came_here(shop: Served) -> None:
    admin = shop.as_("admin")
    old = await admin.CreateGadget(gadget={"display_name": "old"} | MOVED)
    (first,) = (await admin.ListGadgetRevisions(id=old.id)).revisions
    assert first.change_time.seconds > 1_700_000_000
    then = await refusal(admin.GetGadget(id=old.id, read_time={"seconds": 1_650_000_000}))
    assert then == Refused("NOT_FOUND", "NOT_FOUND")
    assert await admin.GetGadget(id=old.id, read_time=first.change_time) == old


async def test_an_update_never_moves_a_record_in_time(shop: Served) -> None:
    admin = shop.as_("admin")
    made = await admin.CreateGadget(gadget={"display_name": "x"})
    change = admin.UpdateGadget(gadget={"id": made.id} | MOVED, update_mask={"paths": ["create_time"]})
    assert (await refusal(change)).fields == {"update_mask": "create_time cannot be set"}
