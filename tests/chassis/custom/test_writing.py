"""What a tenant's own fields take, and in which form it is kept (CO-12)."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from google.protobuf.json_format import MessageToDict, ParseDict
from google.protobuf.struct_pb2 import Struct

from chassis.access.caller import Caller, Right
from chassis.call import Means
from chassis.errors import TenantUnknown
from chassis.testing.serving import Served, refusal
from kith.test.v1.gadget_pb2 import Gadget
from kith.v1 import custom_pb2 as types
from tests.chassis.custom.defined import FIELDS, SCHEMA, schema
from tests.chassis.gadgets import ACME, GADGETS

ID = "0192aaaa-bbbb-7ccc-8ddd-eeeeeeee0001"
FULL: dict[str, Any] = {
    "nick": "小张",
    "story": "one\ntwo",
    "budget": 12.5,
    "cost": {"currency_code": "CNY", "amount": "8.50"},
    "due": "2028-02-29",
    "opens": "09:30",
    "seen": "2027-01-31T09:30:00+08:00",
    "vip": False,
    "tier": "gold",
    "colors": ["silver", "gold", "silver"],
    "keeper": ID.upper(),
    "mail": "Zoe@EXAMPLE.com",
    "phone": "138 0013 8000",
    "site": "https://example.com/a?b=c",
    "unheard": {"of": [1, "x"]},
}

BAD: list[tuple[str, Any]] = [
    *(("nick", bad) for bad in (3.0, True, "a\nb", "x" * 501, ["a"], {"a": "b"})),
    ("story", "x" * 20_001),
    *(("budget", bad) for bad in ("3", True, [1])),
    *(("cost", bad) for bad in ("3", 3.0, {"amount": "1"}, {"currency_code": "EUR"})),
    *(("cost", {"currency_code": "EUR", "amount": bad}) for bad in (1.0, "1e3", "1.0123456789", "9" * 19, "x")),
    ("cost", {"currency_code": "eur", "amount": "1"}),
    ("cost", {"currency_code": "EUR", "amount": "1", "units": "2"}),
    *(("due", bad) for bad in ("2027-02-29", "2027-2-1", "01.02.2027", 20270201.0, "2027-02-01T00:00:00Z")),
    *(("opens", bad) for bad in ("9:30", "24:00", "09:30Z", 930.0)),
    *(("seen", bad) for bad in ("2027-01-31", "2027-01-31T09:30:00", "2027-02-30T00:00:00Z")),
    ("seen", "0001-01-01T00:00:00+14:00"),
    *(("vip", bad) for bad in ("true", 1.0)),
    *(("tier", bad) for bad in ("Gold", "bronze", 1.0, ["gold"], {"a": "b"})),
    *(("colors", bad) for bad in (["gold", "green"], ["bronze"], [1.0], "green")),
    *(("keeper", bad) for bad in ("me", "1234", 1.0, ID + "0")),
    ("shelf", ID),
    *(("mail", bad) for bad in ("zoe", "zoe@localhost", 1.0)),
    *(("phone", bad) for bad in ("12", "call me")),
    *(("site", bad) for bad in ("example.com", "javascript:alert(1)", "ftp://example.com", "https://", "https://a b")),
    ("old", "new"),
]


async def made(shop: Served, user: str = "rep", custom: Any = None, **fields: Any) -> Gadget:
    gadget = {"display_name": "x", "custom_fields": custom or {}} | fields
    return await shop.as_(user).CreateGadget(gadget=gadget)  # type: ignore[no-any-return]  # by its descriptor


async def changed(shop: Served, gadget: Gadget, user: str = "rep", mask: str = "", **custom: Any) -> Gadget:
    asked: dict[str, Any] = {"gadget": {"id": gadget.id, "custom_fields": custom}}
    if mask:
        asked["update_mask"] = {"paths": [mask]}
    return await shop.as_(user).UpdateGadget(**asked)  # type: ignore[no-any-return]  # as above


def struct(custom: dict[str, Any]) -> Struct:
    return ParseDict(custom, Struct())


def held(gadget: Gadget) -> dict[str, Any]:
    found: dict[str, Any] = MessageToDict(gadget.custom_fields)
    return found


async def until_somebody_waits(shop: Served) -> None:
    async with asyncio.timeout(30):
        while True:
            if await shop.admin.fetchval("select count(*) from pg_locks where not granted"):
                return
            await asyncio.sleep(0.01)


async def test_each_type_is_kept_in_one_form_and_what_nobody_defined_as_it_came(shop: Served) -> None:
    gadget = await made(shop, custom=FULL, stock=4)
    assert held(gadget) == FULL | {
        "cost": {"currency_code": "CNY", "amount": "8.5", "base_amount": "1.0625"},
        "opens": "09:30:00",
        "seen": "2027-01-31T01:30:00Z",
        "colors": ["gold", "silver"],
        "keeper": ID,
        "mail": "Zoe@example.com",
        "phone": "+8613800138000",
        "total": 50.0,
        "size": "small",
        "end": "2028-03-30",
    }
    assert await shop.as_("rep").GetGadget(id=gadget.id) == gadget


async def test_a_value_of_another_type_is_refused_by_its_path_and_writes_nothing(shop: Served) -> None:
    gadget = await made(shop)
    for code, value in BAD:
        refused = await refusal(made(shop, custom={code: value}))
        assert (refused.code, [*refused.fields]) == ("INVALID_ARGUMENT", [f"gadget.custom_fields.{code}"]), (
            code,
            value,
        )
        assert (await refusal(changed(shop, gadget, **{code: value}))).code == "INVALID_ARGUMENT", (code, value)
    assert (await shop.as_("rep").ListGadgets()).gadgets == [gadget]


async def test_all_bad_values_are_told_at_once(shop: Served) -> None:
    refused = await refusal(made(shop, custom={"due": "soon", "vip": "yes", "nick": "fine"}))
    assert refused.fields.keys() == {"gadget.custom_fields.due", "gadget.custom_fields.vip"}


async def test_an_empty_value_is_none(shop: Served) -> None:
    gadget = await made(shop, custom={"nick": "", "due": None, "colors": [], "budget": 0.0, "vip": False})
    assert held(gadget) == {"budget": 0.0, "vip": False, "total": 0.0, "size": "small"}


async def test_nobody_sets_a_formula_and_it_follows_what_it_reads(shop: Served) -> None:
    gadget = await made(shop, custom={"budget": 30.0, "total": 9.0, "size": "huge"}, stock=2)
    assert (held(gadget)["total"], held(gadget)["size"]) == (60.0, "small")
    more = await shop.as_("rep").UpdateGadget(gadget={"id": gadget.id, "stock": 5})
    assert (held(more)["total"], held(more)["size"]) == (150.0, "large")
    same = await changed(shop, more, mask="custom_fields.total", total=1.0)
    assert same == more  # nothing changed, so nothing was written


async def test_what_was_retired_or_deprecated_stays_where_it_is_and_comes_nowhere_new(shop: Served) -> None:
    texts: dict[str, dict[str, Any]] = {code: {"type": types.FIELD_TYPE_TEXT} for code in ("tier", "old")}
    shop.people["before"] = replace(shop.people["rep"], custom=schema(**FIELDS | texts))
    gadget = await made(shop, "before", custom={"tier": "bronze", "old": "yes"})
    kept = await changed(shop, gadget, mask="custom_fields.nick", nick="n")
    assert (held(kept)["tier"], held(kept)["old"]) == ("bronze", "yes")
    whole = await changed(shop, kept, mask="custom_fields", tier="bronze", old="yes", nick="m")
    assert (held(whole)["tier"], held(whole)["old"]) == ("bronze", "yes")
    gone = await changed(shop, whole, mask="custom_fields.old")
    assert "old" not in held(gone)
    assert (await refusal(changed(shop, gone, mask="custom_fields.old", old="yes"))).code == "INVALID_ARGUMENT"


async def test_a_required_one_is_asked_of_new_records_and_never_taken_away(shop: Served) -> None:
    old = await made(shop)
    rep = replace(shop.people["rep"], custom=schema(need={"type": types.FIELD_TYPE_TEXT, "required": True}))
    shop.people["rep"] = rep
    assert (await refusal(made(shop))).fields == {"gadget.custom_fields.need": "is required"}
    assert (await shop.as_("rep").UpdateGadget(gadget={"id": old.id, "stock": 3})).stock == 3
    new = await made(shop, custom={"need": "x"})
    assert (await refusal(changed(shop, new, mask="custom_fields.need"))).fields == {
        "gadget.custom_fields.need": "is required"
    }
    closed = {"test.gadget.custom_fields.need": Right.NONE}
    shop.people["rep"] = replace(rep, field_rights=closed)
    assert "need" not in held(await made(shop))  # who may not know of it is not asked for it


async def test_a_new_record_has_the_default_where_it_says_nothing(shop: Served) -> None:
    fields = {
        "tier": FIELDS["tier"] | {"default_value": '"silver"', "required": True},
        "n": {"type": types.FIELD_TYPE_NUMBER, "default_value": "3"},
    }
    shop.people["rep"] = replace(shop.people["rep"], custom=schema(**fields))
    assert held(await made(shop)) == {"tier": "silver", "n": 3.0}
    assert held(await made(shop, custom={"tier": "gold", "n": 0.0})) == {"tier": "gold", "n": 0.0}


async def test_a_reference_points_at_what_is_there(shop: Served) -> None:
    shelf = await shop.as_("admin").CreateShelf(shelf={"display_name": "Top"})
    gadget = await made(shop, custom={"shelf": shelf.id})
    assert held(gadget)["shelf"] == shelf.id
    await shop.as_("admin").DeleteShelf(id=shelf.id)
    assert (await refusal(made(shop, custom={"shelf": shelf.id}))).fields == {
        "gadget.custom_fields.shelf": "points at nothing"
    }
    assert (await changed(shop, gadget, mask="custom_fields.nick", nick="n")).id == gadget.id


async def test_a_unique_value_is_of_one_living_record(shop: Served) -> None:
    first, second = await made(shop, custom={"code": "A-1"}), await made(shop, custom={"code": "A-2"})
    refused = await refusal(made(shop, "admin", custom={"code": "A-1"}))
    assert (refused.code, refused.fields) == ("ALREADY_EXISTS", {"gadget.custom_fields.code": "is taken"})
    assert (await refusal(changed(shop, second, mask="custom_fields.code", code="A-1"))).code == "ALREADY_EXISTS"
    assert held(await changed(shop, first, mask="custom_fields.code", code="A-3"))["code"] == "A-3"
    assert held(await changed(shop, second, mask="custom_fields.code", code="A-1"))["code"] == "A-1"
    await shop.as_("rep").DeleteGadget(id=second.id)
    await made(shop, custom={"code": "A-1"})
    assert (await refusal(shop.as_("rep").UndeleteGadget(id=second.id))).code == "ALREADY_EXISTS"
    stranger = await made(shop, "stranger", custom={"code": "A-1"})
    assert held(stranger) == {"code": "A-1"}


async def test_of_two_who_take_a_value_at_once_one_has_it(shop: Served) -> None:
    """The first holds its transaction open until the second is seen to wait."""
    async with shop.call("rep", "test.gadget.create") as call:
        await GADGETS.create(call, Gadget(display_name="x", custom_fields=struct({"code": "A-1"})))
        rival = asyncio.ensure_future(refusal(made(shop, "colleague", custom={"code": "A-1"})))
        await until_somebody_waits(shop)
    assert (await rival).code == "ALREADY_EXISTS"


async def test_a_service_at_its_own_work_asks_what_the_tenant_added_before_it_writes_some_of_it(shop: Served) -> None:
    asked: list[Any] = []

    async def home(tenant_id: Any, user_id: Any) -> Caller:
        asked.append(tenant_id)
        return replace(shop.people["rep"], user_id=user_id)

    calls = replace(shop.calls, means=Means(known_by=home))
    custom: dict[str, Any] = {"budget": 3.0, "mail": "Z@EXAMPLE.com"}
    given = Gadget(display_name="x", owner_id=ID, custom_fields=struct(custom), stock=2)
    plain = Gadget(display_name="x", owner_id=ID)
    async with calls.open(Caller.system(ACME, "test")) as call:
        await GADGETS.create(call, plain)
    assert not asked
    with pytest.raises(TenantUnknown):
        async with calls.open(Caller.system(ACME, "test")) as call:
            await GADGETS.create(call, given)
    async with calls.open(Caller.system(ACME, "test")) as call:
        made = await GADGETS.create(call, given)
    assert (asked, held(made)["total"], held(made)["mail"]) == ([ACME], 6.0, "Z@example.com")


def test_equal_definitions_are_one_schema_whoever_brings_them() -> None:
    assert schema(**FIELDS) is SCHEMA
    assert schema(nick=FIELDS["nick"]) != SCHEMA
