"""A tenant's own fields where a noun's fields are: filter, order, pages, sums, words, rights (CO-12, S05)."""

import itertools
import random
from dataclasses import replace
from typing import Any

import pytest
from google.protobuf.json_format import ParseDict
from google.protobuf.struct_pb2 import Struct

from chassis.access.caller import Right
from chassis.custom.schema import NONE as NO_SCHEMA
from chassis.database.statement import STATEMENTS
from chassis.testing.serving import Served, refusal
from kith.test.v1.gadget_pb2 import Gadget
from tests.chassis.custom.defined import FIELDS
from tests.chassis.gadgets import GADGETS
from tests.chassis.resource.test_filter_equality import agree

ID = "0192aaaa-bbbb-7ccc-8ddd-eeeeeeee0001"
RECORDS: dict[str, dict[str, Any]] = {
    "a": {
        "nick": "Apfel",
        "budget": 10.0,
        "cost": {"currency_code": "CNY", "amount": "16"},
        "due": "2027-01-31",
        "seen": "2027-01-31T01:30:00Z",
        "vip": True,
        "tier": "gold",
        "colors": ["gold", "silver"],
        "keeper": ID,
        "opens": "09:30",
    },
    "b": {
        "nick": "banane 张伟",
        "budget": 2.5,
        "cost": {"currency_code": "EUR", "amount": "1.5"},
        "due": "2027-02-01",
        "seen": "2027-02-01T00:00:00Z",
        "vip": False,
        "tier": "silver",
        "colors": ["silver"],
        "opens": "17:00",
    },
    "c": {"budget": -1.0, "cost": {"currency_code": "USD", "amount": "3"}},
    "d": {},
}
FOUND = {
    'custom_fields.nick:"an"': "b",
    'custom_fields.nick = "Apfel"': "a",
    'customFields.nick >= "b"': "b",
    'custom_fields."nick" = Apfel': "a",
    "custom_fields.budget > 2": "ab",
    "custom_fields.budget < 10": "bc",
    "custom_fields.budget = 2.50": "b",
    "NOT custom_fields.budget:*": "d",
    "custom_fields.cost >= 1.5": "ab",
    "custom_fields.cost = 2": "a",
    'custom_fields.cost = "CNY 16"': "a",
    "custom_fields.cost.currency_code = USD": "c",
    "custom_fields.cost:*": "abc",
    "custom_fields.due = 2027-01-31": "a",
    "custom_fields.due >= 2027-01-31 AND custom_fields.due < 2027-02-28": "ab",
    "custom_fields.seen < 2027-01-31T09:30:01+08:00": "a",
    "custom_fields.vip = false": "b",
    "custom_fields.vip != true": "bcd",
    "custom_fields.tier = gold OR custom_fields.tier = silver": "ab",
    "custom_fields.colors:gold": "a",
    "custom_fields.colors:*": "ab",
    f"custom_fields.keeper = {ID}": "a",
    'custom_fields.opens < "12:00"': "a",
    "custom_fields.size = large": "",
    "custom_fields.end = 2027-03-02": "a",
    "Apf": "a",
    "zhang": "b",
}


GROUPS = ("tier", "due.month", "vip", "cost.currency_code", "keeper")


def struct(custom: dict[str, Any]) -> Struct:
    return ParseDict(custom, Struct())


async def stocked(shop: Served) -> None:
    for name, custom in RECORDS.items():
        await shop.as_("rep").CreateGadget(gadget={"display_name": name, "custom_fields": custom})


async def listed(shop: Served, user: str = "rep", **asked: Any) -> str:
    return "".join(one.display_name for one in (await shop.as_(user).ListGadgets(**asked)).gadgets)


async def test_a_filter_asks_each_type_as_it_asks_the_contract_s_own(shop: Served) -> None:
    await stocked(shop)
    told = {filter: "".join(sorted(await listed(shop, filter=filter))) for filter in FOUND}
    assert told == FOUND


@pytest.mark.parametrize(
    "filter",
    [
        "custom_fields.budget = much",
        "custom_fields.due = soon",
        "custom_fields.vip > true",
        "custom_fields.keeper = 7",
        "custom_fields.colors = gold",
        "custom_fields.budget:1",
        "custom_fields.cost.amount = 1",
    ],
)
async def test_a_filter_that_does_not_fit_the_type_is_refused(shop: Served, filter: str) -> None:
    assert (await refusal(shop.as_("rep").ListGadgets(filter=filter))).fields.keys() == {"filter"}


@pytest.mark.parametrize(
    ("order_by", "order"),
    [
        ("custom_fields.budget", "cbad"),
        ("customFields.budget desc", "abcd"),
        ("custom_fields.cost", "bacd"),
        ("custom_fields.due desc, display_name", "bacd"),
        ("custom_fields.tier, custom_fields.nick desc", "abdc"),
        ("custom_fields.seen", "abcd"),
        ("custom_fields.vip", "bacd"),
        ("custom_fields.opens desc", "badc"),
    ],
)
async def test_pages_are_in_order_of_a_custom_field_and_what_is_empty_comes_last(
    shop: Served, order_by: str, order: str
) -> None:
    await stocked(shop)
    walked, token = "", None
    while token != "":
        page = await shop.as_("rep").ListGadgets(order_by=order_by, page_size=1, page_token=token or "")
        walked, token = walked + "".join(one.display_name for one in page.gadgets), page.next_page_token
    assert walked == order == await listed(shop, order_by=order_by)


async def test_what_cannot_be_sorted_by_is_refused(shop: Served) -> None:
    for code in ("colors", "story", "unheard"):
        refused = await refusal(shop.as_("rep").ListGadgets(order_by=f"custom_fields.{code}"))
        assert refused.fields.keys() == {"order_by"}


async def test_sums_are_grouped_and_measured_by_custom_fields_and_lead_to_their_records(shop: Served) -> None:
    await stocked(shop)
    rep = shop.as_("rep")
    measures = [
        "sum(custom_fields.budget)",
        "max(custom_fields.due)",
        "sum(custom_fields.cost)",
        "count(custom_fields.nick)",
    ]
    (row,) = (await rep.AggregateGadgets(measures=measures)).rows
    budget, due, cost, nicks = row.values
    assert (budget.number, due.text, cost.money.units, cost.money.nanos, cost.left_out_count, nicks.integer) == (
        11.5,
        "2027-02-01",
        3,
        500_000_000,
        1,
        2,
    )
    for group in GROUPS:
        rows = (await rep.AggregateGadgets(group_by=[f"customFields.{group}"])).rows
        assert sum(one.count for one in rows) == len(RECORDS), group
        for one in rows:
            assert len(await listed(shop, filter=one.records_filter)) == one.count, (group, one)
    keys = [one.keys[0] for one in (await rep.AggregateGadgets(group_by=["custom_fields.tier"])).rows]
    assert keys == ["gold", "silver", ""]
    for bad in ("custom_fields.colors", "custom_fields.unheard", "custom_fields.due.hour", "custom_fields.budget"):
        assert (await refusal(rep.AggregateGadgets(group_by=[bad]))).fields.keys() == {"group_by"}, bad


async def test_statements_of_who_asks_for_no_custom_field_are_those_of_a_tenant_without_any(shop: Served) -> None:
    await stocked(shop)
    shop.people["plain"] = replace(shop.people["rep"], custom=NO_SCHEMA)
    asked = {"filter": "stock = 0", "order_by": "stock"}
    assert await listed(shop, "plain", **asked) == await listed(shop, **asked)
    before = len(STATEMENTS._compiled)
    await listed(shop, **asked)
    await listed(shop, "plain", **asked)
    assert len(STATEMENTS._compiled) == before


CODES = ("nick", "budget", "cost", "due", "seen", "vip", "tier", "colors", "keeper", "opens", "total", "end")
WILD: list[Any] = [
    *("", "Apfel", "2027-02-31", "2027-02-28", "0000-01-01", "9999-12-31", "2027-01-31T01:30:00.5Z", "gold", ID, "３"),
    *("2027-02-31T23:59:59Z", "2027-13-01", "2027-01-31T24:00:00Z", "true", "09:30:00", "3", "null"),
    *(0.0, 3.0, -7.5, 0.1, True, False, None, [], ["gold", 3.0, None], ["silver"], {}, {"amount": "3"}),
    *({"amount": "3", "currency_code": "EUR", "base_amount": "3"}, {"amount": 3.0, "base_amount": "3"}),
    *(
        {"amount": "3.5", "currency_code": "CNY"},
        {"amount": "x", "base_amount": "3"},
        {"amount": "3", "base_amount": "x"},
    ),
]
WORDS = ["3", "-7.5", "0.1", "true", "false", "2027-02-28", "2027-03-03", "2027-01-31T01:30:00.5Z", "today", ID]
WORDS += ["*", "me", "gold", '"EUR 3"', '"CNY 3.5"', '"Apfel"', '"09:30:00"', "EUR", '"２"']


async def test_a_predicate_says_of_any_value_at_all_what_a_list_says_of_its_row(shop: Served) -> None:
    """Values from before the definitions, of all sorts in all fields: none is cast that cannot be, and none is lost."""
    chance = random.Random(20261130)
    shop.people["before"] = replace(shop.people["admin"], custom=NO_SCHEMA)
    made: list[Gadget] = []
    async with shop.call("before", "test.gadget.create") as call:
        for _ in range(80):
            custom = {code: chance.choice(WILD) for code in chance.sample(CODES, 5)}
            made.append(await GADGETS.create(call, Gadget(display_name="x", custom_fields=struct(custom))))
    compared = 0
    for code in (*CODES, "cost.currency_code"):
        for op, word in itertools.product(("=", "!=", ">", "<=", ":"), WORDS):
            compared += await agree(shop, made, f"custom_fields.{code} {op} {word}")
        await agree(shop, made, f"NOT custom_fields.{code}:* OR custom_fields.{code} = 3")
    assert compared > 300, "nearly all of them were refused, so little was compared"
    for code in CODES:  # nothing an older value could be makes a list, an order or a sum stumble
        await shop.as_("admin").ListGadgets(**({} if code == "colors" else {"order_by": f"custom_fields.{code}"}))
        await shop.as_("admin").AggregateGadgets(measures=[f"count(custom_fields.{code})"])


NONE, MASKED, READ = Right.NONE, Right.MASKED, Right.READ


def limited(shop: Served, right: Right, *codes: str) -> None:
    rights = {f"test.gadget.custom_fields.{code}": right for code in codes}
    shop.people["limited"] = replace(shop.people["admin"], field_rights=rights)


@pytest.mark.parametrize("right", [NONE, MASKED])
async def test_a_closed_custom_field_cannot_be_told_by_any_path(shop: Served, right: Right) -> None:
    """S05, as of a field that never was: the refusals of both are the same but for the name."""
    await stocked(shop)
    limited(shop, right, "nick", "budget", "never")
    who = shop.as_("limited")
    for asked in (
        {"filter": "custom_fields.{} = 3"},
        {"filter": 'custom_fields."{}" = "Apfel"'},
        {"filter": "customFields.{}:*"},
        {"order_by": "custom_fields.{}"},
    ):
        for code in ("nick", "budget"):
            said = [
                await refusal(who.ListGadgets(**{name: text.format(one) for name, text in asked.items()}))
                for one in (code, "never")
            ]
            assert said[0] == said[1] or str(said[0]).replace(code, "never") == str(said[1]), asked
    for by in ({"group_by": ["custom_fields.nick"]}, {"measures": ["sum(custom_fields.budget)"]}):
        assert (await refusal(who.AggregateGadgets(**by))).code == "INVALID_ARGUMENT"
    assert await listed(shop, "limited", filter="Apfel") == ""
    shown = {one.display_name: one.custom_fields.fields for one in (await who.ListGadgets()).gadgets}
    assert "budget" not in shown["a"]
    assert ("nick" in shown["a"]) is (right is MASKED)
    assert "Apfel" not in str(shown)
    if right is NONE:
        assert await listed(shop, "limited", filter="custom_fields:* AND display_name = c") == "c"  # its cost is there


async def test_nobody_writes_a_custom_field_that_is_not_theirs_nor_loses_it_for_others(shop: Served) -> None:
    gadget = await shop.as_("admin").CreateGadget(
        gadget={"display_name": "x", "custom_fields": {"nick": "secret", "budget": 3.0}}
    )
    for right in (NONE, MASKED, READ):
        limited(shop, right, "nick")
        who = shop.as_("limited")
        theirs = {"id": gadget.id, "custom_fields": {"nick": "mine"}}
        for asked in (
            who.CreateGadget(gadget={"display_name": "y", "custom_fields": {"nick": "mine"}}),
            who.UpdateGadget(gadget=theirs),
            who.UpdateGadget(gadget=theirs, update_mask={"paths": ["custom_fields.nick"]}),
            who.UpdateGadget(gadget={"id": gadget.id}, update_mask={"paths": ["customFields.nick"]}),
        ):
            assert (await refusal(asked)).code == "PERMISSION_DENIED", right
        replaced = {"id": gadget.id, "custom_fields": {"budget": float(right)}}
        await who.UpdateGadget(gadget=replaced, update_mask={"paths": ["custom_fields"]})
    kept = (await shop.as_("admin").GetGadget(id=gadget.id)).custom_fields.fields
    assert (kept["nick"].string_value, kept["budget"].number_value) == ("secret", 2.0)


async def test_history_tells_nothing_of_a_hidden_custom_field(shop: Served) -> None:
    gadget = await shop.as_("admin").CreateGadget(gadget={"display_name": "x", "custom_fields": {"nick": "one"}})
    await shop.as_("admin").UpdateGadget(gadget={"id": gadget.id, "custom_fields": {"nick": "two"}})
    limited(shop, NONE, "nick")
    newest, first = (await shop.as_("limited").ListGadgetRevisions(id=gadget.id)).revisions
    assert "nick" not in str(newest) + str(first)
    assert not newest.changed_fields


async def test_of_a_closed_noun_only_named_custom_fields_are_there_on_any_path(shop: Served) -> None:
    """One that is not named is hidden as any other field, and all are where their document is not named."""
    await stocked(shop)
    named = {f"test.gadget.{name}": READ for name in ("display_name", "custom_fields.budget")}
    closed = frozenset({"test.gadget"})
    for shown in ({"budget"}, set[str]()):
        rights = named | ({"test.gadget.custom_fields": READ} if shown else {})
        shop.people["limited"] = replace(shop.people["admin"], field_rights=rights, closed_nouns=closed)
        who = shop.as_("limited")
        gadgets = (await who.ListGadgets()).gadgets
        assert {code for one in gadgets for code in one.custom_fields.fields} == shown
        for code in FIELDS.keys() - shown:
            asked = who.ListGadgets(filter=f"custom_fields.{code}:*")
            assert (await refusal(asked)).code == "INVALID_ARGUMENT", code
        assert await listed(shop, "limited", filter="Apfel") == ""
        if shown:
            assert await listed(shop, "limited", filter="custom_fields.budget > 0")
