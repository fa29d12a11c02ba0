"""One filter, two ways to ask it: of the rows in PostgreSQL and of messages in memory. They never differ."""

import asyncio
import random
import re
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from chassis.call import Call
from chassis.errors import InvalidArgument
from chassis.resource.filter import filter_for
from chassis.resource.filter_tokens import quoted
from chassis.resource.listing import matches
from chassis.resource.predicate import predicate
from chassis.testing.serving import Served
from kith.test.v1.gadget_pb2 import Gadget
from tests.chassis.gadgets import GADGETS

TEXTS = [
    *("", "a", "A", "ab", "abc", "Abc def", "İstanbul", "istanbul", "straße", "STRASSE", "Σίσυφος", "ΣΊΣΥΦΟΣ", "ſ"),
    *(
        "\u212a",
        "éclair",
        "e\u0301clair",
        "eclair",
        "100%",
        "a_b",
        "a\\b",
        'q"q',
        "张偉",
        "张伟",
        "古丽·阿不都",
        "丽阿",
    ),
    *(
        "丽阿",
        "张",
        "[]",
        "{}",
        "null",
        "true",
        "3",
        "3.0",
        "-7",
        "today",
        "me",
        "2027-01-31",
        "zoe@example.com",
        "ＡＢＣ",
    ),
    *("\U0001d400bc", "ǅ", "a\nb", " "),
]
NUMBERS = ["0", "-0", "1", "-7", "3", "3.0", "3.5", "1e2", "100", "99.999999999", "2147483647", "0.1"]
DAYS = ["2026-12-31", "2027-01-31", "2027-02-01", "2028-02-29", "0001-01-02", "9999-12-30"]
MOMENTS = ["2027-01-31T23:59:59.999999Z", "2027-02-01T00:00:00+08:00", "2026-12-31T16:00:00Z", "2027-02-01T00:00:00"]
SPOKEN = ["now", "now-7d", "now+2h", "today", "yesterday", "this_week", "last_month", "next_quarter", "today+30d"]
OPS = ["=", "!=", "<", "<=", ">", ">="]
SHELF = "0192aaaa-bbbb-7ccc-8ddd-eeeeeeee0001"


def gadget(chance: random.Random, now: Any) -> Gadget:
    """One with every kind of field, each empty as often as not."""

    def maybe(value: Any) -> Any:
        return value if chance.random() < 0.6 else None

    def one_in_two() -> bool:
        return chance.random() < 0.5

    def moment() -> dict[str, int]:
        near = int(now.timestamp()) + chance.randint(-9 * 86400, 9 * 86400)
        seconds = chance.choice([1_801_439_999, 1_801_411_200, 1_798_732_800, near])
        return {"seconds": seconds, "nanos": chance.choice([0, 999_999_000])}

    def day() -> dict[str, int]:
        year, month, at = chance.choice(DAYS).split("-")
        return {"year": int(year), "month": int(month), "day": int(at)}

    def price() -> dict[str, Any]:
        """Of currencies with a rate and without; 8 CNY are 1 EUR."""
        sign, units = chance.choice([1, -1]), chance.choice([0, 1, 3, 8, 24, 100, 2**62])
        nanos = chance.choice([0, 0, 500_000_000, 1])
        code = chance.choice(["EUR", "CNY", "JPY", "BHD", "USD"])
        return {"currency_code": code, "units": sign * units, "nanos": sign * nanos}

    def custom() -> Any:
        text, number = chance.choice(TEXTS), float(chance.choice(NUMBERS))
        return chance.choice(
            [text, text, number, number, True, False, None, [text, "a"], [number], {}, [], {"a": text}]
        )

    fields = {
        "display_name": chance.choice(TEXTS) or "x",
        "price": maybe(price()),
        "launch_date": maybe(day()),
        "state": maybe(chance.choice(["DRAFT", "LIVE", "RETIRED"])),
        "stock": maybe(chance.choice([0, 1, -7, 3, 2147483647])),
        "views": maybe(chance.choice([0, 1, 100, 2**40])),
        "rating": maybe(chance.choice([0.0, 3.0, 3.5, 0.1, -7.0])),
        "featured": maybe(True),
        "tags": maybe(chance.sample(TEXTS, 2)),
        "emails": maybe(
            [{"address": "zoe@example.com", "label": chance.choice(TEXTS), "primary": chance.random() < 0.5}]
        ),
        "address": maybe({"locality": chance.choice(TEXTS), "region_code": "CN"}),
        "color": chance.choice(TEXTS),
        "notes": chance.choice(TEXTS),
        "seen_time": maybe(moment()),
        "shelf_ids": maybe([SHELF]),
        "maker_id": maybe(SHELF),
        "labels": maybe({name: chance.choice(TEXTS) for name in chance.sample(["a", "b", "张"], 2)}),
        "external_ids": maybe([{"system": chance.choice(["a", "erp"]), "id": str(chance.random())}]),
        "custom_fields": maybe({name: custom() for name in chance.sample(["a", "b", "A"], 2)}),
    }
    return Gadget(**{name: value for name, value in fields.items() if value is not None})


letters = st.characters(codec="utf-8", exclude_characters="\0", max_codepoint=0x2FFF)
text = st.sampled_from(TEXTS) | st.text(letters, max_size=3)
words = [*NUMBERS, *DAYS, *MOMENTS, *SPOKEN, "true", "false", "me", "DRAFT", "LIVE", SHELF, "*"]
words += ['"EUR 3"', '"CNY 100"', '"USD 100"', '"JPY -8.5"', "EUR", "USD", "-0.0061", "12.5", "-3", "-1.0625"]
literals = text.map(quoted) | st.sampled_from(words)
names = st.sampled_from(
    re.split(
        r"\s+",
        "display_name price launch_date state stock views rating featured tags emails address color notes seen_time "
        "shelf_ids maker_id labels custom_fields create_time owner_id delete_time id external_ids displayName "
        "price.currency_code emails.address emails.label emails.primary address.locality labels.a labels.张 "
        "custom_fields.a custom_fields.b custom_fields.A external_ids.system customFields.a customFields.b",
    )
)
terms = st.one_of(
    st.builds("{} {} {}".format, names, st.sampled_from(OPS), literals),
    st.builds("{}:{}".format, names, literals),
    st.builds("{}:{}".format, names, text.map(quoted)),
    text.map(quoted),
)
filters = st.recursive(
    terms,
    lambda inner: st.one_of(
        st.builds("NOT ({})".format, inner),
        st.builds("({}) AND ({})".format, inner, inner),
        st.builds("({}) OR ({})".format, inner, inner),
        st.builds("{} {} OR {}".format, inner, inner, inner),
    ),
    max_leaves=5,
)


async def found(call: Call, filter: str) -> tuple[set[str], Any]:
    wanted, view = filter_for(call, GADGETS, filter), call.view(GADGETS)
    shape = ("test", view.shape, wanted.shape)
    rows = await call.ask(shape, lambda: select(view.c.id).where(matches(view, wanted, True)), wanted.values)
    return {str(row["id"]) for row in rows}, wanted


async def test_a_predicate_says_of_a_message_what_a_list_says_of_its_row(shop: Served) -> None:
    chance = random.Random(20260225)
    await shop.as_("admin").CreateShelf(shelf={"display_name": "Top"}, id=SHELF)
    async with shop.call("admin", "test.gadget.create") as call:
        made = [await GADGETS.create(call, gadget(chance, call.now)) for _ in range(150)]
    for tricky in TEXTS:  # letters whose case is folded differently here and there: İ ß Σ ſ K
        for term in ("color:{}", "notes:{}", "emails.label:{}", "custom_fields.a:{}", "color > {}", "tags:{}", "{}"):
            await agree(shop, made, term.format(quoted(tricky)))
    for term in words[-10:]:
        for op in OPS:
            await agree(shop, made, f"price {op} {term}")
            await agree(shop, made, f"NOT price {op} {term} OR price.currency_code = USD")
    await asyncio.to_thread(_agree_on_any, asyncio.get_running_loop(), shop, made)


async def agree(shop: Served, made: list[Gadget], filter: str) -> bool:
    """Whether anything was compared: what is no filter is refused by both alike."""
    async with shop.call("admin", "test.gadget.read") as call:
        try:
            rows, wanted = await found(call, filter)
        except InvalidArgument as refusal:
            if list(refusal.fields) == ["filter"]:
                return False
            raise
    says = predicate(GADGETS, wanted)
    assert {one.id for one in made if says(one)} == rows, filter
    return True


def _agree_on_any(loop: asyncio.AbstractEventLoop, shop: Served, made: list[Gadget]) -> None:
    compared = 0

    @settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
    @given(filters)
    def compare(filter: str) -> None:
        nonlocal compared
        compared += asyncio.run_coroutine_threadsafe(agree(shop, made, filter), loop).result(30)

    compare()
    assert compared > 50, "nearly all of them were refused, so little was compared"


async def test_a_predicate_refuses_to_guess_what_a_reference_points_at(shop: Served) -> None:
    async with shop.call("admin", "test.gadget.read") as call:
        wanted = filter_for(call, GADGETS, "shelf.display_name = x")
    with pytest.raises(InvalidArgument, match="only a list can tell"):
        predicate(GADGETS, wanted)
