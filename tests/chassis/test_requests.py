"""Request ids: one effect, one record, told as its caller may see it now (R25)."""

import asyncio
import hashlib
import uuid
from dataclasses import replace
from typing import Any

from chassis.access.caller import Right
from chassis.testing.serving import Served, refusal
from kith.test.v1.gadget_pb2 import CreateGadgetRequest, Gadget, RetireGadgetRequest

PRICE = {"currency_code": "EUR", "units": 31337}


def creating(**more: Any) -> CreateGadgetRequest:
    return CreateGadgetRequest(**{"gadget": {"display_name": "Ten robots", "price": PRICE}} | more)


async def count(shop: Served, table: str) -> int:
    found: int = await shop.admin.fetchval(f"select count(*) from {table}")
    return found


async def test_a_claim_keeps_neither_question_nor_answer(shop: Served) -> None:
    request = creating(request_id="any text: 1")
    gadget = await shop.as_("rep").CreateGadget(request)
    (row,) = await shop.admin.fetch("select * from request")
    digest = hashlib.sha256(request.SerializeToString(deterministic=True)).digest()
    assert (row["content"], str(row["record_id"])) == (digest, gadget.id)
    assert b"robots" not in repr(tuple(row)).encode()


async def test_a_repeat_is_told_what_its_caller_may_see_now(shop: Served) -> None:
    rep, request = shop.as_("rep"), creating(request_id="once")
    gadget = await rep.CreateGadget(request)
    await rep.UpdateGadget(gadget={"id": gadget.id, "notes": "later"})
    shop.people["rep"] = replace(shop.people["rep"], field_rights={"test.gadget.price": Right.NONE})
    again = await rep.CreateGadget(request)
    assert (again.id, again.notes, again.HasField("price")) == (gadget.id, "later", False)


async def test_twins_make_one_record(shop: Served) -> None:
    rep, request = shop.as_("rep"), creating(request_id="twins")
    made = await asyncio.gather(*(rep.CreateGadget(request) for _ in range(100)))
    assert len({gadget.id for gadget in made}) == 1
    assert (await count(shop, "gadget"), await count(shop, "outbox"), await count(shop, "history")) == (1, 1, 1)


async def test_twins_of_a_verb_act_once(shop: Served) -> None:
    rep = shop.as_("rep")
    request = RetireGadgetRequest(id=(await rep.CreateGadget(creating())).id, request_id="twins")
    done = await asyncio.gather(*(rep.RetireGadget(request) for _ in range(30)))
    assert {gadget.etag for gadget in done} == {'"2"'}


async def test_an_id_that_stood_for_something_else_is_refused(shop: Served) -> None:
    rep = shop.as_("rep")
    await rep.CreateGadget(creating(request_id="same"))
    other = CreateGadgetRequest(gadget=Gadget(display_name="Other"), request_id="same")
    refused = await refusal(rep.CreateGadget(other))
    assert (refused.code, refused.reason) == ("INVALID_ARGUMENT", "REQUEST_ID_REUSED")
    assert (await shop.as_("stranger").CreateGadget(other)).display_name == "Other"
    assert (await shop.as_("colleague").CreateGadget(other)).display_name == "Other"


async def test_a_refused_call_leaves_its_id_free(shop: Served) -> None:
    rep = shop.as_("rep")
    bad = CreateGadgetRequest(gadget=Gadget(display_name="x", shelf_id=str(uuid.uuid4())), request_id="again")
    assert (await refusal(rep.CreateGadget(bad))).code == "INVALID_ARGUMENT"
    taken = creating(request_id="again")
    taken.gadget.external_ids.add(system="erp", id="1")
    await rep.CreateGadget(creating())
    assert (await rep.CreateGadget(taken)).display_name == "Ten robots"
    twin = creating(request_id="twin")
    twin.gadget.external_ids.add(system="erp", id="1")
    assert (await refusal(rep.CreateGadget(twin))).code == "ALREADY_EXISTS"
    assert await count(shop, "request") == 1


async def test_a_claim_older_than_a_day_is_forgotten(shop: Served) -> None:
    rep = shop.as_("rep")
    request = RetireGadgetRequest(id=(await rep.CreateGadget(creating())).id, request_id="retire")
    await rep.RetireGadget(request)
    await shop.admin.execute("update request set create_time = now() - interval '25 hours'")
    assert (await refusal(rep.RetireGadget(request))).reason == "ALREADY_RETIRED"


async def test_one_id_under_two_methods_is_two_requests(shop: Served) -> None:
    rep = shop.as_("rep")
    gadget = await rep.CreateGadget(creating(request_id="same"))
    assert (await rep.RetireGadget(id=gadget.id, request_id="same")).state == Gadget.RETIRED


async def test_a_trial_shows_what_would_be_and_leaves_nothing(shop: Served) -> None:
    rep = shop.as_("rep")
    gadget = await rep.CreateGadget(creating())
    assert (await rep.CreateGadget(creating(request_id="x", validate_only=True))).display_name == "Ten robots"
    assert (await rep.RetireGadget(id=gadget.id, request_id="y", validate_only=True)).state == Gadget.RETIRED
    assert await rep.GetGadget(id=gadget.id) == gadget
    assert (await count(shop, "outbox"), await count(shop, "request")) == (1, 0)


async def test_a_client_may_choose_an_id_once_in_either_case(shop: Served) -> None:
    chosen = str(uuid.uuid4())
    assert (await shop.as_("rep").CreateGadget(creating(id=chosen.upper()))).id == chosen
    refused = await refusal(shop.as_("colleague").CreateGadget(creating(id=chosen)))
    assert (refused.code, refused.facts["field"]) == ("ALREADY_EXISTS", "id")


async def test_an_id_in_capitals_asks_the_same(shop: Served) -> None:
    rep = shop.as_("rep")
    gadget = await rep.CreateGadget(creating())
    first = await rep.RetireGadget(id=gadget.id, request_id="z")
    assert await rep.RetireGadget(id=gadget.id.upper(), request_id="z") == first
