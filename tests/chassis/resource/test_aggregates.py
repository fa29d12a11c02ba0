"""Sums over gadgets: right, of nothing hidden, and each with a filter that lists exactly what is behind it (AN-01)."""

import random
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from chassis.access.caller import Right
from chassis.testing.serving import Served, refusal
from kith.test.v1.gadget_pb2 import Gadget
from kith.v1.aggregate_pb2 import AggregateRow
from tests.chassis.gadgets import GADGETS

SHANGHAI = ZoneInfo("Asia/Shanghai")
UNITS = ("day", "week", "month", "quarter", "year")
GROUPS = [
    "price.currency_code",
    "state",
    "shelf_id",
    "display_name",
    "featured",
    "stock",
    "launch_date",
    "color",
    "owner_id",
]
BUCKETS = [f"{name}.{unit}" for name in ("launch_date", "seen_time") for unit in UNITS]
MEASURES = [
    "count",
    "sum(stock)",
    "avg(stock)",
    "max(views)",
    "sum(rating)",
    "min(launch_date)",
    "max(seen_time)",
    "count(price)",
]


def gadget(chance: random.Random, shelves: list[str]) -> Gadget:
    def maybe(value: Any) -> Any:
        return value if chance.random() < 0.7 else None

    day = date(2026, 12, 25) + timedelta(days=chance.randint(0, 100))
    seen = datetime(2026, 12, 31, 15, 59, tzinfo=UTC) + timedelta(
        minutes=chance.choice([0, 1, 2, 60 * 24 * 31, 60 * 24 * 90])
    )
    fields = {
        "display_name": chance.choice(["alpha", "Alpha", 'q"uo\\te', "张伟", "x AND y"]),
        "color": chance.choice(["", "red", "*"]),
        "price": maybe(
            {"currency_code": chance.choice(["EUR", "CNY", "USD"]), "units": chance.randint(-5, 900), "nanos": 0}
        ),
        "launch_date": maybe({"year": day.year, "month": day.month, "day": day.day}),
        "seen_time": maybe({"seconds": int(seen.timestamp())}),
        "shelf_id": maybe(chance.choice(shelves)),
        "stock": chance.randint(-2, 3),
        "views": 2**40 + chance.randint(0, 9),
        "rating": chance.random(),
        "featured": chance.random() < 0.5,
        "state": chance.choice(["DRAFT", "LIVE"]),
    }
    return Gadget(**{name: value for name, value in fields.items() if value is not None})


async def filled(shop: Served, many: int = 120) -> list[Gadget]:
    admin, chance = shop.as_("admin"), random.Random(4)
    shelves = [(await admin.CreateShelf(shelf={"display_name": name})).id for name in ("a", "b")]
    async with shop.call("admin", "test.gadget.create") as call:
        return [await GADGETS.create(call, gadget(chance, shelves)) for _ in range(many)]


async def behind(shop: Served, row: AggregateRow, user: str = "admin") -> list[Gadget]:
    asked = {"filter": row.records_filter, "page_size": 200, "with_total": True, "exact_total": True}
    reply = await shop.as_(user).ListGadgets(**asked)
    assert reply.total_size == row.count, row.records_filter
    return list(reply.gadgets)


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "America/Sao_Paulo"])
async def test_each_row_lists_its_records_and_measures_them(shop: Served, zone: str) -> None:
    made, chance = await filled(shop), random.Random(zone)
    for filter in ("", "stock >= 0 OR color = red", "NOT price:*"):
        for _ in range(6):
            groups = chance.sample(GROUPS + BUCKETS, chance.randint(0, 3))
            money = chance.sample(["sum(price)", "max(price)"], chance.randint(0, 1))
            asked = {"filter": filter, "group_by": groups, "measures": [*MEASURES, *money], "time_zone": zone}
            rows = (await shop.as_("admin").AggregateGadgets(**asked)).rows
            seen = list[str]()
            for row in rows if len(rows) < 12 else chance.sample(list(rows), 12):
                records = await behind(shop, row)
                seen += [one.id for one in records]
                assert_measured(row, records, money, "price.currency_code" in groups)
            assert len(seen) == len(set(seen)), groups
            everything = len((await shop.as_("admin").ListGadgets(filter=filter, page_size=200)).gadgets)
            assert sum(row.count for row in rows) == everything, (groups, filter)
            assert everything <= len(made)


def assert_measured(row: AggregateRow, records: list[Gadget], money: list[str], by_currency: bool) -> None:
    stock = [one.stock for one in records]
    values = row.values
    assert values[0].integer == len(records)
    assert (values[1].integer, values[3].integer) == (sum(stock), max((one.views for one in records), default=0))
    if records:
        assert values[2].number == pytest.approx(sum(stock) / len(stock))
        assert values[4].number == pytest.approx(sum(one.rating for one in records))
    days = [
        date(day.year, day.month, day.day)
        for one in records
        if one.HasField("launch_date") and (day := one.launch_date)
    ]
    assert values[5].text == (min(days).isoformat() if days else "")
    assert bool(values[6].text) == any(one.HasField("seen_time") for one in records)
    priced = [one.price for one in records if one.HasField("price")]
    assert values[7].integer == len(priced)
    if money:
        amounts = [
            Decimal(price.units) if by_currency else Decimal(price.base_amount)
            for price in priced
            if by_currency or price.HasField("base_amount")
        ]
        assert values[8].left_out_count == len(priced) - len(amounts)
        assert values[8].HasField("money") == bool(amounts)
        if amounts:
            of, told = max if money[0].startswith("max") else sum, values[8].money
            assert Decimal(told.units) + Decimal(told.nanos).scaleb(-9) == of(amounts)
            assert {told.currency_code} == ({price.currency_code for price in priced} if by_currency else {"EUR"})


async def test_keys_are_what_a_filter_writes_in_order_with_the_empty_last(shop: Served) -> None:
    rep = shop.as_("rep")
    for moment in ("2026-12-31T15:59:00Z", "2026-12-31T16:00:00Z", "2027-02-01T00:00:00Z", ""):
        more = {"seen_time": {"seconds": int(datetime.fromisoformat(moment).timestamp())}} if moment else {}
        await rep.CreateGadget(gadget={"display_name": "x"} | more)

    async def keys(group: str, zone: str) -> Iterable[tuple[str, int]]:
        rows = (await rep.AggregateGadgets(group_by=[group], time_zone=zone)).rows
        return [(row.keys[0], row.count) for row in rows]

    assert await keys("seenTime.month", "UTC") == [("2026-12-01", 2), ("2027-02-01", 1), ("", 1)]
    assert await keys("seen_time.year", "Asia/Shanghai") == [("2026-01-01", 1), ("2027-01-01", 2), ("", 1)]
    assert await keys("seen_time.week", "Asia/Shanghai") == [("2026-12-28", 2), ("2027-02-01", 1), ("", 1)]
    monday_weeks = shop.people["rep"]
    shop.people["rep"] = replace(
        monday_weeks, first_weekday=7
    )  # ID-19: weeks from Sunday, the rows and what lists them
    assert await keys("seen_time.week", "Asia/Shanghai") == [("2026-12-27", 2), ("2027-01-31", 1), ("", 1)]
    for row in (await rep.AggregateGadgets(group_by=["seen_time.week"], time_zone="Asia/Shanghai")).rows:
        listed = await rep.ListGadgets(filter=row.records_filter, with_total=True)
        assert listed.total_size == row.count
    shop.people["rep"] = replace(monday_weeks, time_zone=SHANGHAI)
    assert await keys("seen_time.day", "") == [("2026-12-31", 1), ("2027-01-01", 1), ("2027-02-01", 1), ("", 1)]


async def test_several_currencies_add_up_in_the_base_currency_or_are_told_apart(shop: Served) -> None:
    rep = shop.as_("rep")
    for currency, units in (("EUR", 1), ("CNY", 8), ("EUR", 2), ("USD", 9)):
        await rep.CreateGadget(gadget={"display_name": "x", "price": {"currency_code": currency, "units": units}})
    await rep.CreateGadget(gadget={"display_name": "x"})
    measures = ["sum(price)", "avg(price)", "count(price)"]
    (row,) = (await rep.AggregateGadgets(measures=measures)).rows
    total, average = (Decimal(value.money.units) + Decimal(value.money.nanos).scaleb(-9) for value in row.values[:2])
    assert (total, average, row.values[2].integer) == (Decimal(4), Decimal("1.333333333"), 4)
    assert [value.left_out_count for value in row.values] == [1, 1, 0]  # the dollars
    assert {value.money.currency_code for value in row.values[:2]} == {"EUR"}
    rows = (await rep.AggregateGadgets(measures=measures, group_by=["price.currencyCode"])).rows
    told = [(*row.keys, row.values[0].money.currency_code, row.values[0].money.units, row.count) for row in rows]
    assert told == [("CNY", "CNY", 8, 1), ("EUR", "EUR", 3, 2), ("USD", "USD", 9, 1), ("", "", 0, 1)]
    assert not any(value.left_out_count for row in rows for value in row.values)
    assert [row.count for row in rows] == [len(await behind(shop, row, "rep")) for row in rows]


async def test_nothing_is_one_row(shop: Served) -> None:
    for measures in ([], ["count", "sum(price)", "sum(stock)"]):
        (row,) = (await shop.as_("rep").AggregateGadgets(measures=measures)).rows
        assert (row.count, len(row.values)) == (0, len(measures))
    assert not (await shop.as_("rep").AggregateGadgets(group_by=["state"])).rows


async def test_sums_too_large_for_their_type_are_numbers(shop: Served) -> None:
    rep = shop.as_("rep")
    for _ in range(2):
        price = {"currency_code": "EUR", "units": 2**63 - 1}
        await rep.CreateGadget(gadget={"display_name": "x", "views": 2**63 - 1, "price": price})
    (row,) = (await rep.AggregateGadgets(measures=["sum(views)", "sum(price)"])).rows
    assert [value.number for value in row.values] == [float(2**64 - 2)] * 2


async def test_only_what_the_caller_sees_is_counted(shop: Served) -> None:
    """S05, S06, ID-01, ID-09."""
    for user in ("rep", "southerner", "stranger"):
        await shop.as_(user).CreateGadget(gadget={"display_name": user, "price": {"currency_code": "EUR", "units": 7}})
    counted = {user: (await shop.as_(user).AggregateGadgets()).rows[0].count for user in ("rep", "admin", "stranger")}
    assert counted == {"rep": 1, "admin": 2, "stranger": 1}
    gone = await shop.as_("rep").CreateGadget(gadget={"display_name": "gone"})
    await shop.as_("rep").DeleteGadget(id=gone.id)
    assert (await shop.as_("rep").AggregateGadgets()).rows[0].count == 1
    assert (await shop.as_("rep").AggregateGadgets(show_deleted=True)).rows[0].count == 2


@pytest.mark.parametrize("right", [Right.NONE, Right.MASKED])
async def test_a_hidden_or_masked_field_is_neither_measured_nor_grouped(shop: Served, right: Right) -> None:
    closed = {f"test.gadget.{name}": right for name in ("price", "color", "launch_date")}
    shop.people["peeping"] = replace(shop.people["admin"], field_rights=closed)
    peeping = shop.as_("peeping")
    for asked in (
        {"measures": ["sum(price)"]},
        {"measures": ["count(price)"]},
        {"measures": ["min(launch_date)"]},
        {"group_by": ["color"]},
        {"group_by": ["price.currency_code"]},
        {"group_by": ["launch_date.month"]},
        {"filter": "price > 1"},
    ):
        refused = await refusal(peeping.AggregateGadgets(**asked))
        assert (refused.code, list(refused.fields)) == ("INVALID_ARGUMENT", list(asked))


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"group_by": ["nothing"]}, "group_by"),
        ({"group_by": ["seen_time"]}, "group_by"),
        ({"group_by": ["seen_time.hour"]}, "group_by"),
        ({"group_by": ["state.day"]}, "group_by"),
        ({"group_by": ["tags"]}, "group_by"),
        ({"group_by": ["price"]}, "group_by"),
        ({"group_by": ["price.units"]}, "group_by"),
        ({"group_by": ["stock.currency_code"]}, "group_by"),
        ({"group_by": ["rating"]}, "group_by"),
        ({"group_by": ["tenant_id"]}, "group_by"),
        ({"group_by": ["state", "color", "stock", "featured"]}, "group_by"),
        ({"measures": ["sum"]}, "measures"),
        ({"measures": ["sum(display_name)"]}, "measures"),
        ({"measures": ["sum(state)"]}, "measures"),
        ({"measures": ["avg(launch_date)"]}, "measures"),
        ({"measures": ["max(featured)"]}, "measures"),
        ({"measures": ["median(stock)"]}, "measures"),
        ({"measures": ["count(*)"]}, "measures"),
        ({"measures": ["sum(stock); drop"]}, "measures"),
        ({"measures": ["count"] * 11}, "measures"),
        ({"time_zone": "Mars/Base"}, "time_zone"),
        ({"time_zone": "../etc/passwd"}, "time_zone"),
        ({"time_zone": "Asia"}, "time_zone"),
        ({"filter": "(" * 10 + "stock = 1" + ")" * 10}, "filter"),
        ({"filter": " OR ".join(["stock = 1"] * 50), "group_by": ["seen_time.day"]}, "filter"),
    ],
)
async def test_a_question_that_is_none_is_refused_by_name(shop: Served, asked: dict[str, Any], field: str) -> None:
    await shop.as_("rep").CreateGadget(gadget={"display_name": "x", "stock": 1, "seen_time": {"seconds": 1}})
    refused = await refusal(shop.as_("rep").AggregateGadgets(**asked))
    assert (refused.code, list(refused.fields)) == ("INVALID_ARGUMENT", [field])


async def test_more_rows_than_anybody_reads_are_refused(shop: Served) -> None:
    async with shop.call("rep", "test.gadget.create") as call:
        for n in range(1001):
            await GADGETS.create(call, Gadget(display_name="x", stock=n))
    refused = await refusal(shop.as_("rep").AggregateGadgets(group_by=["stock"]))
    assert (refused.reason, list(refused.fields)) == ("FILTER_TOO_BROAD", ["filter"])
    assert len((await shop.as_("rep").AggregateGadgets(group_by=["stock"], filter="stock > 0")).rows) == 1000
