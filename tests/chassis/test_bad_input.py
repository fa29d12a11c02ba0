"""Whatever comes in, the answer is never INTERNAL: bad input is refused by name, or is no harm (S08)."""

from typing import Any

import pytest

from chassis.resource import broad
from chassis.testing.bad_input import never_internal
from chassis.testing.serving import Served, refusal
from kith.test.v1.gadget_pb2 import CreateGadgetRequest, Gadget

EUR = {"currency_code": "EUR"}


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"launch_date": {"year": 2027, "month": 2, "day": 30}}, "gadget.launch_date"),
        ({"launch_date": {"year": 0, "month": 2, "day": 3}}, "gadget.launch_date"),
        ({"launch_date": {"year": 2**31 - 1, "month": 2, "day": 3}}, "gadget.launch_date"),
        ({"state": 99}, "gadget.state"),
        ({"display_name": "a\0b"}, "gadget.display_name"),
        ({"display_name": "x" * 201}, "gadget.display_name"),
        ({"create_time": {"seconds": 2**62}}, "gadget.create_time"),
        ({"warranty": {"seconds": 2**62}}, "gadget.warranty"),
        ({"price": EUR | {"units": 1, "nanos": -1}}, "gadget.price"),
        ({"rating": float("nan")}, "gadget.rating"),
        ({"rating": float("inf")}, "gadget.rating"),
        ({"custom_fields": {"a": float("nan")}}, "gadget.custom_fields.a"),
        ({"custom_fields": {"a": 2.0**60}}, "gadget.custom_fields.a"),
        ({"custom_fields": {"a": {"b": ["\0"]}}}, "gadget.custom_fields.a.b[0]"),
        ({"custom_fields": {"\0": 1}}, "gadget.custom_fields"),
        ({"labels": {"a": "\0"}}, "gadget.labels.a"),
        ({"shelf_id": "no id"}, "gadget.shelf_id"),
        ({"shelf_ids": ["no id"]}, "gadget.shelf_ids"),
        ({"emails": [{"address": "nobody"}]}, "gadget.emails[0].address"),
        ({"phones": [{"number": "zero"}]}, "gadget.phones[0]"),
        ({"external_ids": [{"system": "", "id": "1"}]}, "gadget.external_ids[0].system"),
    ],
)
async def test_a_bad_value_is_refused_by_name(shop: Served, given: dict[str, Any], field: str) -> None:
    refused = await refusal(shop.as_("rep").CreateGadget(gadget={"display_name": "x"} | given))
    assert (refused.code, list(refused.fields)) == ("INVALID_ARGUMENT", [field])
    assert not await shop.events("test.gadget")


async def test_bytes_that_are_no_request_are_refused_after_the_permission(shop: Served) -> None:
    invalid_utf8 = CreateGadgetRequest(request_id="ab").SerializeToString()[:-2] + b"\xff\xfe"
    for sent in (b"\xff\xff", b"\x0a\x05ab", invalid_utf8):
        assert (await refusal(shop.raw("rep", "CreateGadget")(sent))).code == "INVALID_ARGUMENT"
    assert (await refusal(shop.raw("intern", "CreateGadget")(b"\xff\xff"))).code == "PERMISSION_DENIED"


async def test_ten_megabytes_are_too_many(shop: Served) -> None:
    refused = await refusal(shop.as_("rep").CreateGadget(gadget={"display_name": "x" * 10_000_000}))
    assert refused.code == "RESOURCE_EXHAUSTED"


async def test_unknown_fields_are_dropped_not_stored(shop: Served) -> None:
    given = Gadget.FromString(Gadget(display_name="x").SerializeToString() + b"\xc2\x3e\x06secret")
    request = CreateGadgetRequest(gadget=given).SerializeToString()
    assert b"secret" in request
    await shop.raw("rep", "CreateGadget")(request)
    for table in ("history", "outbox"):
        for (payload,) in await shop.admin.fetch(f"select payload from {table}"):
            assert b"secret" not in payload


async def test_a_page_token_is_good_for_its_own_question_and_caller(shop: Served) -> None:
    for _ in range(3):
        await shop.as_("admin").CreateGadget(gadget={"display_name": "x"})
    token = (await shop.as_("admin").ListGadgets(page_size=1)).next_page_token
    assert (await shop.as_("admin").ListGadgets(page_size=1, page_token=token)).gadgets
    altered = token[:-2] + ("A" if token[-2] != "A" else "B") + token[-1]
    for user, question in (
        ("admin", {"page_token": altered}),
        ("admin", {"page_token": token, "filter": "stock = 0"}),
        ("admin", {"page_token": token, "order_by": "stock"}),
        ("discreet", {"page_token": token}),
        ("stranger", {"page_token": token}),
    ):
        assert list((await refusal(shop.as_(user).ListGadgets(**question))).fields) == ["page_token"]


async def test_a_question_that_reads_too_long_is_refused(shop: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(broad, "SECONDS", 0.2)
    admin, asked = shop.as_("admin"), {"filter": "stock > 1"}
    async with shop.admin.transaction():
        await shop.admin.execute("lock table gadget in access exclusive mode")
        for question in (admin.ListGadgets(**asked), admin.AggregateGadgets(**asked)):
            refused = await refusal(question)
            assert (refused.code, refused.reason, list(refused.fields)) == (
                "INVALID_ARGUMENT",
                "FILTER_TOO_BROAD",
                ["filter"],
            )
    assert not (await admin.ListGadgets(**asked)).gadgets


async def test_nothing_anybody_sends_is_internal(shop: Served) -> None:
    admin = shop.as_("admin")
    shelf = await admin.CreateShelf(shelf={"display_name": "here"})
    gadget = await admin.CreateGadget(gadget={"display_name": "x"})
    await never_internal(shop, "admin", [shelf.id, gadget.id], examples=400)
