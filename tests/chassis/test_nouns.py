"""What the chassis promises of every noun, shown on gadgets."""

import uuid
from typing import Any

import pytest

from chassis.testing.serving import Refused, Served, refusal
from kith.test.v1.gadget_pb2 import Gadget, GadgetEvent

PRICE = {"currency_code": "EUR", "units": 1200, "nanos": 500_000_000}
NOT_FOUND = Refused("NOT_FOUND", "NOT_FOUND")
WHOLE: dict[str, Any] = {
    "display_name": "Ten robots",
    "price": PRICE,
    "launch_date": {"year": 2027, "month": 1, "day": 31},
    "stock": 7,
    "views": 2**40,
    "rating": 4.5,
    "featured": True,
    "tags": ["new", "big"],
    "emails": [{"address": "zoe@example.com", "label": "work", "primary": True}],
    "phones": [{"number": "+8613800138000"}],
    "address": {"region_code": "CN", "locality": "成都市"},
    "serial": "S-1",
    "seen_time": {"seconds": 1_800_000_000, "nanos": 123_000},
    "notes": "一些说明",
    "labels": {"tier": "gold"},
    "external_ids": [{"system": "erp", "id": "SAP-00A"}],
    "custom_fields": {"region": "EU", "rank": 3},
    "warranty": {"seconds": 86_400},
}


async def made(shop: Served, user: str = "rep", **fields: Any) -> Gadget:
    gadget: Gadget = await shop.as_(user).CreateGadget(gadget={"display_name": "Ten robots"} | fields)
    return gadget


async def test_what_was_created_is_what_is_read(shop: Served) -> None:
    gadget = await made(shop, **WHOLE)
    assert await shop.as_("rep").GetGadget(id=gadget.id) == gadget
    assert (await shop.as_("rep").ListGadgets()).gadgets[0] == gadget
    assert (await shop.as_("rep").BatchGetGadgets(ids=[gadget.id])).gadgets[0] == gadget
    given = Gadget(**WHOLE)
    given.price.base_amount = "1200.5"  # euros, which they count in
    for name in WHOLE:
        assert getattr(gadget, name) == getattr(given, name), name
    rep = str(shop.people["rep"].user_id)
    assert (gadget.state, gadget.etag, gadget.owner_id, gadget.creator_id) == (Gadget.DRAFT, '"1"', rep, rep)


async def test_every_write_leaves_one_event_and_one_line_of_history(shop: Served) -> None:
    rep, gadget = shop.as_("rep"), await made(shop)
    await rep.UpdateGadget(gadget={"id": gadget.id, "display_name": "Twelve robots"})
    await rep.DeleteGadget(id=gadget.id)
    await rep.UndeleteGadget(id=gadget.id)
    events = [(kind.split(".")[-2], GadgetEvent.FromString(raw)) for kind, raw in await shop.events("test.gadget")]
    assert [kind for kind, _ in events] == ["created", "updated", "deleted", "undeleted"]
    update = events[1][1]
    assert (update.before.display_name, update.after.display_name) == ("Ten robots", "Twelve robots")
    assert list(update.changed_fields) == ["display_name"]
    changes = (await rep.ListGadgetRevisions(id=gadget.id)).revisions
    assert [change.verb for change in changes] == ["undeleted", "deleted", "updated", "created"]
    assert {change.actor_id for change in changes} == {str(shop.people["rep"].user_id)}


async def test_changes_come_in_pages_for_whoever_sees_the_record(shop: Served) -> None:
    rep, gadget = shop.as_("rep"), await made(shop)
    for stock in range(1, 5):
        await rep.UpdateGadget(gadget={"id": gadget.id, "stock": stock})
    first = await rep.ListGadgetRevisions(id=gadget.id, page_size=3)
    rest = await rep.ListGadgetRevisions(id=gadget.id, page_size=3, page_token=first.next_page_token)
    assert [change.after.stock for change in (*first.revisions, *rest.revisions)] == [4, 3, 2, 1, 0]
    assert not rest.next_page_token
    assert await refusal(shop.as_("colleague").ListGadgetRevisions(id=gadget.id)) == NOT_FOUND


async def test_a_record_can_be_read_as_it_was(shop: Served) -> None:
    rep, gadget = shop.as_("rep"), await made(shop)
    changed = await rep.UpdateGadget(gadget={"id": gadget.id, "display_name": "Renamed"})
    past = await rep.GetGadget(id=gadget.id, read_time=gadget.create_time)
    assert (past.display_name, past.etag) == ("Ten robots", '"1"')
    assert (await rep.GetGadget(id=gadget.id, read_time=changed.update_time)).display_name == "Renamed"
    assert await refusal(rep.GetGadget(id=gadget.id, read_time={"seconds": 1})) == NOT_FOUND


async def test_the_deleted_leave_lists_but_can_be_read_and_called_back(shop: Served) -> None:
    rep, gadget = shop.as_("rep"), await made(shop)
    gone = await rep.DeleteGadget(id=gadget.id)
    assert gone.purge_time.seconds - gone.delete_time.seconds == 30 * 86_400
    assert not (await rep.ListGadgets()).gadgets
    assert len((await rep.ListGadgets(show_deleted=True)).gadgets) == 1
    assert (await rep.GetGadget(id=gadget.id)).HasField("delete_time")
    for verb in ("DeleteGadget", "RetireGadget"):
        assert await refusal(getattr(rep, verb)(id=gadget.id)) == NOT_FOUND
    back = await rep.UndeleteGadget(id=gadget.id)
    assert (back.HasField("delete_time"), back.HasField("purge_time")) == (False, False)
    assert (await refusal(rep.UndeleteGadget(id=gadget.id))).code == "ALREADY_EXISTS"


async def test_an_update_touches_what_its_mask_names(shop: Served) -> None:
    gadget = await made(shop, price=PRICE, notes="call")
    patch = {"id": gadget.id, "display_name": "Renamed", "notes": "ignored"}
    changed = await shop.as_("rep").UpdateGadget(gadget=patch, update_mask={"paths": ["displayName", "price"]})
    assert (changed.display_name, changed.notes, changed.HasField("price")) == ("Renamed", "call", False)
    assert changed.etag == '"2"'


async def test_a_mask_that_is_there_and_empty_changes_nothing(shop: Served) -> None:
    gadget = await made(shop)
    patch = {"id": gadget.id, "display_name": "Renamed"}
    assert await shop.as_("rep").UpdateGadget(gadget=patch, update_mask={}) == gadget
    assert len(await shop.events("test.gadget")) == 1


async def test_a_mask_reaches_into_custom_fields(shop: Served) -> None:
    gadget = await made(shop, custom_fields={"tier": "gold", "rank": 3, "old": True})
    patch = {"id": gadget.id, "custom_fields": {"tier": "silver"}}
    paths = ["custom_fields.tier", "customFields.old"]
    changed = await shop.as_("rep").UpdateGadget(gadget=patch, update_mask={"paths": paths})
    assert dict(changed.custom_fields) == {"tier": "silver", "rank": 3}


@pytest.mark.parametrize("path", ["color", "state", "tenant_id", "create_time", "id", "emails.address", "creator_id"])
async def test_an_update_cannot_set_what_is_not_the_clients(shop: Served, path: str) -> None:
    gadget = await made(shop)
    patch = {"id": gadget.id, "color": "red"}
    refused = await refusal(shop.as_("rep").UpdateGadget(gadget=patch, update_mask={"paths": [path]}))
    assert (refused.code, list(refused.fields)) == ("INVALID_ARGUMENT", ["update_mask"])


async def test_an_immutable_field_is_accepted_when_equal(shop: Served) -> None:
    gadget = await made(shop, color="red")
    patch = {"id": gadget.id, "color": "red", "stock": 3}
    assert (await shop.as_("rep").UpdateGadget(gadget=patch)).stock == 3


async def test_an_output_only_field_is_never_stored(shop: Served) -> None:
    gadget = await made(shop, state="RETIRED", create_time={"seconds": 1}, etag='"9"', team_id=str(uuid.uuid4()))
    assert (gadget.state, gadget.etag) == (Gadget.DRAFT, '"1"')
    assert gadget.create_time.seconds > 1
    assert gadget.team_id == str(shop.people["rep"].team_ids[0])


async def test_the_merged_record_is_validated_not_the_patch(shop: Served) -> None:
    gadget = await made(shop)
    call = shop.as_("rep").UpdateGadget(gadget={"id": gadget.id}, update_mask={"paths": ["display_name"]})
    refused = await refusal(call)
    assert (refused.code, list(refused.fields)) == ("INVALID_ARGUMENT", ["gadget.display_name"])


async def test_every_bad_field_is_named_at_once_from_the_root(shop: Served) -> None:
    bad = {"display_name": "", "price": {"currency_code": "euro"}, "emails": [{"address": "a@b.cc"}, {"address": "@"}]}
    refused = await refusal(shop.as_("rep").CreateGadget(gadget=bad))
    named = {"gadget.display_name", "gadget.price.currency_code", "gadget.emails[1].address"}
    assert set(refused.fields) == named


async def test_a_reference_to_nothing_or_to_the_deleted_is_refused_by_name(shop: Served) -> None:
    admin = shop.as_("admin")
    shelf, gone = [await admin.CreateShelf(shelf={"display_name": name}) for name in ("here", "gone")]
    await admin.DeleteShelf(id=gone.id)
    lost = {"gadget.shelf_id": "points at nothing"}
    for nowhere in (str(uuid.uuid4()), gone.id):
        refused = await refusal(made(shop, shelf_id=nowhere))
        assert refused == Refused("INVALID_ARGUMENT", "INVALID_ARGUMENT", lost)
        assert list((await refusal(made(shop, shelf_ids=[shelf.id, nowhere]))).fields) == ["gadget.shelf_ids"]
    gadget = await made(shop, shelf_id=shelf.id, shelf_ids=[shelf.id, shelf.id])
    assert gadget.shelf_id == shelf.id
    await admin.DeleteShelf(id=shelf.id)
    assert (await shop.as_("rep").UpdateGadget(gadget={"id": gadget.id, "stock": 1})).stock == 1


async def test_a_unique_value_is_taken_among_the_living(shop: Served) -> None:
    first = await made(shop, serial="S-1")
    assert (await refusal(made(shop, serial="S-1"))).code == "ALREADY_EXISTS"
    await made(shop, serial="")
    await made(shop, serial="")
    await shop.as_("rep").DeleteGadget(id=first.id)
    await made(shop, serial="S-1")
    refused = await refusal(shop.as_("rep").UndeleteGadget(id=first.id))
    assert (refused.code, refused.facts["field"]) == ("ALREADY_EXISTS", "serial")


async def test_an_external_id_is_taken_among_the_living(shop: Served) -> None:
    rep = shop.as_("rep")
    first = await made(shop, external_ids=[{"system": "erp", "id": "1"}])
    assert (await refusal(made(shop, external_ids=[{"system": "erp", "id": "1"}]))).code == "ALREADY_EXISTS"
    assert len(await shop.events("test.gadget")) == 1
    await rep.UpdateGadget(gadget={"id": first.id, "external_ids": [{"system": "erp", "id": "2"}]})
    again = await made(shop, external_ids=[{"system": "erp", "id": "1"}, {"system": "crm", "id": "2"}])
    await rep.DeleteGadget(id=again.id)
    await made(shop, external_ids=[{"system": "erp", "id": "1"}])
    assert (await refusal(rep.UndeleteGadget(id=again.id))).code == "ALREADY_EXISTS"


async def test_a_stale_etag_changes_nothing(shop: Served) -> None:
    rep, gadget = shop.as_("rep"), await made(shop)
    await rep.UpdateGadget(gadget={"id": gadget.id, "etag": gadget.etag, "stock": 1})
    refused = await refusal(rep.UpdateGadget(gadget={"id": gadget.id, "etag": gadget.etag, "stock": 2}))
    assert (refused.code, refused.reason) == ("ABORTED", "STALE_ETAG")
    assert (await refusal(rep.DeleteGadget(id=gadget.id, etag='"7"'))).reason == "STALE_ETAG"
    assert (await rep.UpdateGadget(gadget={"id": gadget.id, "etag": "*", "stock": 3})).stock == 3


async def test_batch_get_answers_in_the_order_asked_and_leaves_out_what_is_not_there(shop: Served) -> None:
    one, two = await made(shop), await made(shop)
    hidden = await made(shop, "southerner")
    found = await shop.as_("rep").BatchGetGadgets(ids=[two.id, str(uuid.uuid4()), hidden.id, one.id, two.id])
    assert [gadget.id for gadget in found.gadgets] == [two.id, one.id]
