"""What a filter finds, and what is told to whoever wrote one that is none."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from chassis.access.caller import Caller, Reach, Right
from chassis.resource.relative_time import Span, spoken_day, spoken_moment
from chassis.testing.serving import Served, refusal
from tests.chassis.gadgets import ACME

EUR, CNY = "EUR", "CNY"


def price(units: int, currency: str = EUR) -> dict[str, Any]:
    return {"currency_code": currency, "units": units}


SHOP: list[dict[str, Any]] = [
    {
        "display_name": "alpha",
        "price": price(10),
        "notes": "call Bo'b; drop table",
        "tags": ["new", "big"],
        "emails": [{"address": "zoe@example.com", "label": "work", "primary": True}, {"address": "z@home.example.com"}],
        "labels": {"tier": "gold", "cost center": "A-1"},
        "custom_fields": {"rank": 3, "tier": "gold", "vip": True, "renewal": "2027-03-01", "sizes": ["S", "XL"]},
        "external_ids": [{"system": "erp", "id": "4711"}],
        "address": {"region_code": "CN", "locality": "成都市"},
        "rating": 4.5,
        "featured": True,
        "color": "Red",
    },
    {
        "display_name": "beta 100%",
        "price": price(200, CNY),
        "stock": 7,
        "custom_fields": {"rank": 30, "tier": "silver", "vip": False, "Tier": "other"},
        "emails": [{"address": "bob@example.com"}],
        "labels": {"tier": ""},
    },
    {"display_name": "gamma_ray", "launch_date": {"year": 2027, "month": 5, "day": 1}, "custom_fields": {"rank": "3"}},
]
ALL = {one["display_name"] for one in SHOP}
A, B, G = "alpha", "beta 100%", "gamma_ray"


async def listed(shop: Served, filter: str, user: str = "rep") -> set[str]:
    return {one.display_name for one in (await shop.as_(user).ListGadgets(filter=filter, page_size=200)).gadgets}


async def test_a_filter_finds(shop: Served) -> None:
    rep = shop.as_("rep")
    shelf = await shop.as_("admin").CreateShelf(shelf={"display_name": "Top", "position": 3})
    for fields in SHOP:
        more = {"shelf_id": shelf.id, "shelf_ids": [shelf.id]} if fields["display_name"] == A else {}
        await rep.CreateGadget(gadget=fields | more)
    found = {
        "": ALL,
        "state = DRAFT": ALL,
        "state != DRAFT": set(),
        "price >= 10 AND price < 200": {A, B},
        "price > 20 OR display_name = alpha": {A, B},
        "price > 30": set(),
        "state = DRAFT AND price = 10 OR launch_date = 2027-05-01": {A, G},
        "NOT price:*": {G},
        "price != 10": {B, G},
        "NOT price > 10": {A, G},
        "NOT (price > 10 AND stock = 7)": {A, G},
        'price = "EUR 10"': {A},
        'price >= "CNY 10"': {B},
        'price != "EUR 10"': {B, G},
        "price.currency_code = CNY": {B},
        "price.currencyCode = EUR": {A},
        'display_name:"%"': {B},
        'display_name:"_"': {G},
        'display_name:"LPH"': {A},
        """notes = "call Bo'b; drop table" """: {A},
        "gamma": {G},
        "al": {A},
        "display_name = 'alpha' OR notes:xyz": set(),
        "notes:*": {A},
        "NOT notes:Bo": {B, G},
        "displayName = alpha": {A},
        "launchDate:*": {G},
        'color > "Q" AND color < "S"': {A},
        "rating > 4": {A},
        "featured = true": {A},
        "featured = false": {B, G},
        "stock != 7": {A, G},
        "tags:new": {A},
        "tags:ne": set(),
        "NOT tags:new": {B, G},
        "tags:*": {A},
        f'shelf_ids:"{shelf.id}"': {A},
        'emails.address:"EXAMPLE"': {A, B},
        'emails.address = "bob@example.com"': {B},
        'emails.address != "bob@example.com"': {A, G},
        "emails.primary = true": {A},
        "emails.primary = false": {A, B},
        "emails.label:*": {A},
        "emails:*": {A, B},
        "zoe": {A},
        "labels.tier = gold": {A},
        'labels."cost center" = "A-1"': {A},
        "labels:tier": {A, B},
        "labels.tier:*": {A},
        "NOT labels:*": {G},
        "external_ids.system = erp": {A},
        "externalIds.id:47": {A},
        "address.locality:成都": {A},
        "address.regionCode = CN": {A},
        "custom_fields.tier = gold": {A},
        'custom_fields.tier = "gold"': {A},
        "custom_fields.tier != gold": {B, G},
        "custom_fields.Tier:*": {B},
        "customFields.rank > 3": {B},
        "custom_fields.rank >= 3": {A, B},
        "custom_fields.rank = 3.0": {A},
        'custom_fields.rank = "3"': {G},
        "custom_fields.vip = true": {A},
        "custom_fields.vip = false": {B},
        "custom_fields.renewal < 2027-04-01": {A},
        "custom_fields.renewal > today": {A},
        "custom_fields.sizes:XL": {A},
        "custom_fields.tier:OL": {A},
        "custom_fields.nothing = 1": set(),
        "shelf.display_name = Top": {A},
        "shelf.displayName:to": {A},
        "shelf.position > 2": {A},
        "shelf.position != 3": {B, G},
        "NOT shelf.position < 4": {B, G},
        "shelf.create_time:* AND price:*": {A},
        "create_time > 2020-01-01T00:00:00Z AND (price = 10 OR price = 25)": {A, B},
        "create_time > now-1h": ALL,
        "create_time = today OR create_time = yesterday": ALL,
        "create_time >= now+1d": set(),
        "create_time = this_year OR create_time = last_year": ALL,
        "creator_id = me": ALL,
        "owner_id != me": set(),
    }
    wrong = {}
    for filter, names in found.items():
        if (seen := await listed(shop, filter)) != names:
            wrong[filter] = seen
    assert not wrong


async def test_a_filter_that_is_none_is_refused_and_says_why(shop: Served) -> None:
    rep = shop.as_("rep")
    filters = {
        "tenant_id = 1": "tenant_id",
        "revision = 1": "revision",
        "1=1": "'1'",
        "price = 1 OR 1=1": "'1'",
        "price > 1; drop table gadget": "price",
        "price = much": "much",
        "price = NaN": "NaN",
        "price > 1e999999999999": "price",
        "price:1": "':'",
        "price.units = 1": "currency_code",
        "state = ANYTHING": "DRAFT",
        "state > DRAFT": "order",
        "featured > false": "order",
        "featured = maybe": "maybe",
        "(state = DRAFT": "parenthesis",
        "state =": "value",
        "= 1": "'='",
        ")": "')'",
        "(" * 30 + "a" + ")" * 30: "deeper",
        "NOT " * 400 + "state = DRAFT": "deeper",
        " OR ".join(["price = 1"] * 60): "terms",
        "x" * 5000: "longer",
        "custom_fields = 1": "custom_fields.",
        "emails = 1": "emails.",
        "emails.nothing = 1": "address",
        "address.locality > 1 AND address.x = 1": "locality",
        "labels = gold": "labels",
        "tags = new": "tags:new",
        "stock = 99999999999": "stock",
        "stock:7": "':'",
        "stock = me": "me",
        "create_time > 0001-01-01T00:00:00+14:00": "create_time",
        "create_time = 2027-02-30": "create_time",
        "launch_date = 2027-02-30": "launch_date",
        "launch_date > tomorrowish": "tomorrowish",
        "launch_date > now+99999w AND launch_date < now+99999w": "",
        "shelf.nothing = 1": "Shelf",
        "shelf.shelf.x = 1": "Shelf",
        "maker.display_name = x": "maker",
        "shelf = 1": "'shelf'",
        "warranty = 1": "warranty",
        'display_name = "x" --': "search by",
        '"': "cannot read",
        "!!!": "cannot read",
        "，。": "search by",
        "id = nonsense": "UUID",
    }
    wrong = {}
    for filter, why in filters.items():
        try:
            refused = await refusal(rep.ListGadgets(filter=filter))
        except AssertionError:
            if why:
                wrong[filter] = "was taken"
            continue
        if (refused.code, list(refused.fields)) != ("INVALID_ARGUMENT", ["filter"]) or why not in refused.message:
            wrong[filter] = str(refused) + refused.message
    assert not wrong


@pytest.mark.parametrize("right", [Right.NONE, Right.MASKED])
async def test_a_hidden_or_masked_field_is_an_unknown_one(shop: Served, right: Right) -> None:
    """S05, ID-09, B-01: neither by value, order, group, search nor message, directly or through a reference."""
    closed = {f"test.gadget.{name}": right for name in ("price", "display_name", "custom_fields", "emails", "color")}
    closed["test.shelf.position"] = right
    shop.people["peeping"] = Caller(ACME, shop.people["rep"].user_id, shop.people["rep"].grants, field_rights=closed)
    shelf = await shop.as_("admin").CreateShelf(shelf={"display_name": "Top", "position": 3})
    await shop.as_("rep").CreateGadget(gadget=SHOP[0] | {"shelf_id": shelf.id})
    peeping = shop.as_("peeping")
    for name in ("price", "display_name", "custom_fields", "emails", "color", "shelf.position"):
        refused = await refusal(peeping.ListGadgets(filter=f"{name} = 1"))
        unknown = await refusal(peeping.ListGadgets(filter=f"{name}x = 1"))
        assert (refused.code, list(refused.fields)) == ("INVALID_ARGUMENT", ["filter"])
        assert refused.fields["filter"].replace(name.rpartition(".")[2], "") == unknown.fields["filter"].replace(
            f"{name.rpartition('.')[2]}x", ""
        )
    for filter in (
        "custom_fields.tier = gold",
        "emails.address:zoe",
        "price.currency_code = EUR",
        "shelf.position = 3",
    ):
        assert (await refusal(peeping.ListGadgets(filter=filter))).code == "INVALID_ARGUMENT"
    assert await listed(shop, "alpha", "peeping") == set()
    assert await listed(shop, "zoe", "peeping") == set()
    assert len((await peeping.ListGadgets(filter="shelf.display_name = Top")).gadgets) == 1


async def test_one_hop_shows_nothing_of_what_the_caller_may_not_read(shop: Served) -> None:
    """S06: reach and tenant of the record pointed at hold, and a deleted one is not there."""
    shop.people["shelfless"] = Caller(ACME, shop.people["rep"].user_id, {"test.gadget.read": Reach.TENANT})
    admin = shop.as_("admin")
    shelf = await admin.CreateShelf(shelf={"display_name": "Top"})
    await shop.as_("rep").CreateGadget(gadget={"display_name": "x", "shelf_id": shelf.id})
    assert await listed(shop, "shelf.display_name = Top") == {"x"}
    refused = await refusal(shop.as_("shelfless").ListGadgets(filter="shelf.display_name = Top"))
    assert (refused.code, list(refused.fields)) == ("INVALID_ARGUMENT", ["filter"])
    assert await listed(shop, "shelf.display_name = Top", "stranger") == set()
    await admin.DeleteShelf(id=shelf.id)
    assert await listed(shop, "shelf.display_name = Top") == set()
    assert await listed(shop, "NOT shelf.display_name = Top") == {"x"}


SHANGHAI = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 2, 28, 20, 30, tzinfo=UTC)  # Sunday, the first of March, 4:30 in Shanghai


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


@pytest.mark.parametrize(
    ("said", "start", "end"),
    [
        ("today", "2026-03-01", "2026-03-02"),
        ("yesterday", "2026-02-28", "2026-03-01"),
        ("tomorrow", "2026-03-02", "2026-03-03"),
        ("today-7d", "2026-02-22", "2026-02-23"),
        ("this_week", "2026-02-23", "2026-03-02"),
        ("last_week", "2026-02-16", "2026-02-23"),
        ("next_week", "2026-03-02", "2026-03-09"),
        ("this_month", "2026-03-01", "2026-04-01"),
        ("last_month", "2026-02-01", "2026-03-01"),
        ("next_quarter", "2026-04-01", "2026-07-01"),
        ("last_quarter", "2025-10-01", "2026-01-01"),
        ("this_year", "2026-01-01", "2027-01-01"),
        ("last_year", "2025-01-01", "2026-01-01"),
        ("2026-03-05", "2026-03-05", "2026-03-06"),
    ],
)
def test_a_period_is_one_of_the_callers_own_calendar(said: str, start: str, end: str) -> None:
    moment = spoken_moment(said)
    assert moment is not None
    assert moment.at(NOW, SHANGHAI, 1) == Span(utc(f"{start}T00:00:00+08:00"), utc(f"{end}T00:00:00+08:00"))
    day = spoken_day(said)
    if said[0] != "2":
        assert day is not None
        assert day.at(NOW, SHANGHAI, 1) == Span(
            datetime.fromisoformat(start).date(), datetime.fromisoformat(end).date()
        )


@pytest.mark.parametrize(
    ("first", "begins"), [(1, "2026-02-23"), (2, "2026-02-24"), (6, "2026-02-28"), (7, "2026-03-01")]
)
def test_a_week_begins_as_the_callers_own_do(first: int, begins: str) -> None:
    """ID-19; it is a Sunday where they are."""
    week = spoken_day("this_week")
    assert week is not None
    start = datetime.fromisoformat(begins).date()
    assert week.at(NOW, SHANGHAI, first) == Span(start, start + timedelta(days=7))


def test_a_day_begins_with_its_first_moment_where_the_clock_skips_midnight() -> None:
    day = spoken_moment("2018-11-04")  # São Paulo: 0:00 became 1:00
    assert day is not None
    assert day.at(NOW, ZoneInfo("America/Sao_Paulo"), 1).start == utc("2018-11-04T03:00:00+00:00")


async def test_the_same_word_means_another_time_elsewhere(shop: Served) -> None:
    await shop.as_("rep").CreateGadget(
        gadget={
            "display_name": "x",
            "seen_time": {"seconds": int(datetime(2027, 1, 31, 23, 30, tzinfo=UTC).timestamp())},
        }
    )
    within = "seen_time = 2027-02-01"
    assert await listed(shop, within) == set()
    shop.people["rep"] = replace(shop.people["rep"], time_zone=SHANGHAI)
    assert await listed(shop, within) == {"x"}
    assert await listed(shop, "seen_time >= 2027-02-01 AND seen_time <= 2027-02-01") == {"x"}
    assert await listed(shop, "seen_time > 2027-01-31 AND seen_time < 2027-02-02") == {"x"}
    assert await listed(shop, "seen_time > 2027-02-01 OR seen_time < 2027-02-01") == set()
    assert await listed(shop, "seen_time = 2027-02-01T07:30:00") == {"x"}
