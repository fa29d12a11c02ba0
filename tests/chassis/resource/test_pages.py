"""Orders and pages: whole, exact, nobody else's, and as cheap at the end as at the start."""

import base64
import json
import random
import uuid
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from chassis.access.caller import Right
from chassis.database.statement import Statement
from chassis.resource.pages import paged, parse_order
from chassis.testing.serving import Served, refusal
from tests.chassis.gadgets import GADGETS


async def listed(shop: Served, **asked: Any) -> list[str]:
    return [one.display_name for one in (await shop.as_("rep").ListGadgets(**asked)).gadgets]


async def test_names_are_in_the_order_people_expect(shop: Served) -> None:
    names = ["张三", "王五", "Zoe", "曾国藩", "李四", "单雄信", "阿里", "lisa", "Bob", "bob 2"]
    for name in names:
        await shop.as_("rep").CreateGadget(gadget={"display_name": name})
    expected = ["阿里", "Bob", "bob 2", "李四", "lisa", "单雄信", "王五", "曾国藩", "张三", "Zoe"]
    assert await listed(shop, order_by="display_name") == expected
    assert await listed(shop, order_by="displayName desc") == expected[::-1]
    seen, token = list[str](), ""
    while token or not seen:
        page = await shop.as_("rep").ListGadgets(order_by="displayName", page_size=3, page_token=token)
        seen, token = [*seen, *(one.display_name for one in page.gadgets)], page.next_page_token
    assert seen == expected


async def test_the_empty_come_last_both_ways(shop: Served) -> None:
    for name, units in (("a", 10), ("b", 200), ("c", None)):
        price = {"currency_code": "EUR", "units": units} if units else None
        await shop.as_("rep").CreateGadget(gadget={"display_name": name, "price": price})
    assert await listed(shop, order_by="price") == ["a", "b", "c"]
    assert await listed(shop, order_by="price desc") == ["b", "a", "c"]


@pytest.mark.parametrize(
    "order_by",
    [
        "",
        "id",
        "display_name",
        "price desc",
        "price",
        "seenTime desc, price",
        "price desc, launch_date, stock desc",
        "launch_date, price desc",
        "state, price",
        "stock desc, launchDate desc, displayName",
    ],
)
@pytest.mark.parametrize("size", [1, 4, 7])
async def test_a_walk_sees_each_record_once_in_order(shop: Served, order_by: str, size: int) -> None:
    chance, rep = random.Random(order_by), shop.as_("rep")
    for n in range(24):
        price = (
            {"currency_code": chance.choice(["EUR", "CNY", "USD"]), "units": n % 4} if chance.random() < 0.6 else None
        )
        day = {"year": 2027, "month": 1, "day": 1 + n % 2} if chance.random() < 0.6 else None
        seen = {"seconds": n % 3 + 1} if chance.random() < 0.5 else None
        more = {"price": price, "launch_date": day, "seen_time": seen, "stock": n % 3}
        await rep.CreateGadget(gadget={"display_name": f"deal {n % 7}"} | more)
    whole = [one.id for one in (await rep.ListGadgets(page_size=200, order_by=order_by)).gadgets]
    seen_ids, token = list[str](), ""
    while token or not seen_ids:
        page = await rep.ListGadgets(page_size=size, page_token=token, order_by=order_by)
        seen_ids, token = [*seen_ids, *(one.id for one in page.gadgets)], page.next_page_token
        assert len(seen_ids) <= 24
    assert seen_ids == whole
    assert len(set(whole)) == 24


@pytest.mark.parametrize("order_by", ["tenant_id", "price; drop", "custom_fields", "price sideways", "notes", "price,"])
async def test_an_order_that_is_none_is_refused(shop: Served, order_by: str) -> None:
    refused = await refusal(shop.as_("rep").ListGadgets(order_by=order_by))
    assert (refused.code, list(refused.fields)) == ("INVALID_ARGUMENT", ["order_by"])


@pytest.mark.parametrize("right", [Right.NONE, Right.MASKED])
async def test_nobody_sorts_by_what_they_may_not_see(shop: Served, right: Right) -> None:
    """S05, ID-09."""
    closed = {"test.gadget.price": right, "test.gadget.display_name": right}
    shop.people["peeping"] = replace(shop.people["admin"], field_rights=closed)
    for name in ("price", "display_name", "displayName"):
        refused = await refusal(shop.as_("peeping").ListGadgets(order_by=name))
        assert (refused.code, list(refused.fields)) == ("INVALID_ARGUMENT", ["order_by"])
        assert "price," not in refused.fields["order_by"]


async def test_a_page_token_serves_one_question_of_one_caller(shop: Served) -> None:
    rep = shop.as_("rep")
    for name in ("a", "b"):
        await rep.CreateGadget(gadget={"display_name": name})
    token = (await rep.ListGadgets(page_size=1)).next_page_token
    signed = base64.urlsafe_b64decode(token)
    forged = base64.urlsafe_b64encode(signed[:16] + f'["{uuid.uuid4()}"]'.encode()).decode()
    told = set()
    for user, asked in (
        ("rep", {"page_token": token, "filter": "state = DRAFT"}),
        ("rep", {"page_token": token, "order_by": "display_name"}),
        ("rep", {"page_token": token, "show_deleted": True}),
        ("rep", {"page_token": "W10="}),
        ("rep", {"page_token": forged}),
        ("rep", {"page_token": "nonsense"}),
        ("rep", {"page_token": "é"}),
        ("colleague", {"page_token": token}),
        ("manager", {"page_token": token}),
    ):
        refused = await refusal(shop.as_(user).ListGadgets(**asked))
        assert (refused.code, list(refused.fields)) == ("INVALID_ARGUMENT", ["page_token"])
        told.add(refused.fields["page_token"])
    assert len(told) == 1
    assert len((await rep.ListGadgets(page_token=token)).gadgets) == 1


MANY = 2000


async def crowded(shop: Served) -> None:
    """One record copied: a third without a price, the rest with one of 500."""
    await shop.as_("rep").CreateGadget(gadget={"display_name": "x"})
    copy = """insert into gadget select (jsonb_populate_record(g, jsonb_build_object('id', gen_random_uuid(),
        'price', case when n % 3 > 0 then n % 500 end, 'price_currency', case when n % 3 > 0 then 'EUR' end,
        'price_base', case when n % 3 > 0 then n % 500 end))).*
        from gadget g, generate_series(1, $1) n"""
    await shop.admin.execute(copy, MANY)
    await shop.admin.execute("analyze gadget")


@pytest.mark.parametrize("order_by", ["price", "price desc", "display_name", ""])
async def test_a_deep_page_is_sought(shop: Served, order_by: str) -> None:
    """However far down, the app role behind its walls reads about what it shows (P6)."""
    await crowded(shop)
    async with shop.call("rep", "test.gadget.read") as call:
        view = call.view(GADGETS)
        order = parse_order(order_by, GADGETS.noun, view.fields)
        first = Statement(paged(select(view.c.id), order, None, view))
        rows = await call.fetch(first, {"page_limit": 2 * MANY})
        for at in (MANY // 10, MANY * 6 // 10, MANY * 9 // 10):
            keys = {f"after_{name}": rows[at - 1][f"key_{n}"] for n, (name, _) in enumerate(order)}
            page = Statement(paged(select(view.c.id), order, tuple(key is None for key in keys.values()), view))
            found = await call.fetch(page, keys | {"page_limit": 51})
            assert [row["id"] for row in found] == [row["id"] for row in rows[at : at + 51]]
            page.sql = f"explain (analyze, format json) {page.sql}"
            (plan,) = await call.fetch(page, keys | {"page_limit": 51})
            assert touched(json.loads(plan[0])[0]["Plan"]) <= 400, plan[0]


def touched(plan: dict[str, Any]) -> int:
    """Rows read from tables and indexes, those thrown away included."""
    below = plan.get("Plans", [])
    here = int(plan["Actual Rows"] + plan.get("Rows Removed by Filter", 0)) * int(plan["Actual Loops"])
    return sum(map(touched, below)) if below else here
