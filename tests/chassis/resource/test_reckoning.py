"""What amounts come to in the base currency: worked out as they are written, and kept with them (contract: Filter)."""

import json
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.access.caller import Caller
from chassis.call import Means
from chassis.errors import TenantUnknown, Unauthenticated, Unavailable
from chassis.events.outage import is_outage
from chassis.resource.kinds import decimal_text
from chassis.resource.reckoning import in_base
from chassis.testing.serving import Served
from kith.test.v1.gadget_pb2 import Gadget, GadgetEvent
from kith.v1.money_pb2 import Money
from tests.chassis.gadgets import ACME, GADGETS, RATES
from tests.chassis.resource.test_pages import crowded

EUROS = Caller(UUID(int=1), UUID(int=2), {}, base_currency="EUR", exchange_rates=RATES)


def price(code: str, units: int, **more: Any) -> dict[str, Any]:
    return {"currency_code": code, "units": units} | more


async def made(shop: Served, name: str = "x", **of_price: Any) -> Any:
    return await shop.as_("rep").CreateGadget(gadget={"display_name": name, "price": of_price})


async def names(shop: Served, **asked: Any) -> list[str]:
    return [one.display_name for one in (await shop.as_("rep").ListGadgets(**asked)).gadgets]


def counts_in(shop: Served, **rates: str) -> None:
    shop.people["rep"] = replace(
        shop.people["rep"], exchange_rates={code: Decimal(rate) for code, rate in rates.items()}
    )


async def test_an_amount_says_everywhere_what_it_came_to(shop: Served) -> None:
    gadget = await made(shop, **price("CNY", 200, nanos=8))
    assert gadget.price.base_amount == "25.000000001"
    assert await shop.as_("rep").GetGadget(id=gadget.id) == gadget
    assert list((await shop.as_("rep").ListGadgets()).gadgets) == [gadget]
    (event,) = await shop.events("test.gadget")
    assert GadgetEvent.FromString(event[1]).after == gadget
    assert (await made(shop, **price("EUR", -7, nanos=-500_000_000))).price.base_amount == "-7.5"
    assert (await made(shop, **price("BHD", 0))).price.base_amount == "0"


async def test_new_rates_rewrite_no_old_amount(shop: Served) -> None:
    gadget, rep = await made(shop, **price("CNY", 8)), shop.as_("rep")
    counts_in(shop, CNY="0.5")
    renamed = await rep.UpdateGadget(gadget={"id": gadget.id, "display_name": "y"})
    assert renamed.price.base_amount == "1"
    again = await rep.UpdateGadget(gadget={"id": gadget.id, "price": price("CNY", 8)})
    assert again == renamed  # the same amount: nothing to write
    raised = await rep.UpdateGadget(gadget={"id": gadget.id, "price": price("CNY", 10)})
    assert raised.price.base_amount == "5"
    assert await rep.GetGadget(id=gadget.id) == raised


async def test_a_rate_that_was_missing_is_made_up_for_by_the_next_write(shop: Served) -> None:
    gadget, rep = await made(shop, **price("USD", 10)), shop.as_("rep")
    assert not gadget.price.HasField("base_amount")
    counts_in(shop, USD="0.9")
    renamed = await rep.UpdateGadget(gadget={"id": gadget.id, "display_name": "y"})
    assert renamed.price.base_amount == "9"
    assert await names(shop, filter="price = 9") == ["y"]
    counts_in(shop)
    dearer = await rep.UpdateGadget(gadget={"id": gadget.id, "price": price("USD", 11)})
    assert not dearer.price.HasField("base_amount")  # the old one would be of another amount
    assert await names(shop, filter="price:*") == ["y"]


async def test_a_verb_that_changes_an_amount_in_place_keeps_nothing_of_the_old_one(shop: Served) -> None:
    gadget = await made(shop, **price("CNY", 8))
    for code, units, base in (("USD", 8, ""), ("EUR", 9, "9"), ("EUR", -1, "-1")):
        async with shop.call("rep", "test.gadget.update") as call:
            record = await GADGETS.lock(call, gadget.id)
            record.price.currency_code, record.price.units = code, units
            assert (await GADGETS.save(call, record)).price.base_amount == base


async def test_what_a_request_says_it_comes_to_is_passed_over(shop: Served) -> None:
    gadget, rep = await made(shop, **price("CNY", 8, base_amount="1000000")), shop.as_("rep")
    assert gadget.price.base_amount == "1"
    lied = await rep.UpdateGadget(gadget={"id": gadget.id, "price": price("CNY", 16, base_amount="no number at all")})
    assert lied.price.base_amount == "2"
    lied.price.base_amount = "3"
    assert (await rep.UpdateGadget(gadget=lied)).price.base_amount == "2"
    assert not (await made(shop, **price("USD", 8, base_amount="1"))).price.HasField("base_amount")


async def test_an_amount_without_a_rate_is_kept_and_compares_with_nothing_but_its_own_currency(shop: Served) -> None:
    for name, code, units in (("yuan", "CNY", 80), ("euro", "EUR", 9), ("dollar", "USD", 1), ("yen", "JPY", 10_000)):
        await made(shop, name, **price(code, units))
    await shop.as_("rep").CreateGadget(gadget={"display_name": "none"})
    for op in ("<", "<=", "=", ">=", ">"):
        assert "dollar" not in await names(shop, filter=f"price {op} 1")
    assert await names(shop, filter="NOT price > 9", order_by="display_name") == ["dollar", "euro", "none"]
    assert await names(shop, filter='price = "USD 1"') == ["dollar"]
    assert await names(shop, filter='price >= "CNY 80"') == ["yuan"]
    assert await names(shop, order_by="price, display_name") == ["euro", "yuan", "yen", "dollar", "none"]
    assert await names(shop, order_by="price desc, display_name") == ["yen", "yuan", "euro", "dollar", "none"]


async def test_what_no_column_holds_counts_as_not_known(shop: Served) -> None:
    assert not (await made(shop, **price("BHD", 2**63 - 1))).price.HasField("base_amount")
    assert (await made(shop, **price("JPY", 2**63 - 1))).price.base_amount == "56262569424814132.4227"


@given(
    st.integers(-(2**63), 2**63 - 1),
    st.integers(0, 10**9 - 1),
    st.decimals(Decimal("1e-12"), Decimal("999999999"), places=12),
)
def test_converting_is_exact_to_the_billionth(units: int, nanos: int, rate: Decimal) -> None:
    amount = Money(currency_code="CNY", units=units, nanos=-nanos if units < 0 else nanos)
    exact = (Fraction(units) + Fraction(amount.nanos, 10**9)) * Fraction(rate)
    found = in_base(replace(EUROS, exchange_rates={"CNY": rate}), amount)
    if found is None:
        assert abs(exact) >= Fraction(10**19) - Fraction(1, 10**9)
        return
    assert abs(Fraction(found) - exact) <= Fraction(1, 2 * 10**9)
    if abs(Fraction(found) - exact) == Fraction(1, 2 * 10**9):
        assert int(found.scaleb(9)) % 2 == 0
    assert Decimal(decimal_text(found)) == found
    assert "E" not in decimal_text(found)


@pytest.mark.parametrize("order_by", ["price", "price desc"])
async def test_ordering_by_money_walks_the_index_over_the_base_currency(shop: Served, order_by: str) -> None:
    await crowded(shop)
    direction = " desc nulls last" if "desc" in order_by else ""
    plan = await shop.admin.fetchval(
        f"explain (format json) select id from gadget where tenant_id = $1 order by price_base{direction}, "
        f"id{' desc' if direction else ''} limit 51",
        ACME,
    )
    (below,) = json.loads(plan)[0]["Plan"]["Plans"]
    assert below.get("Index Name") == ("gadget_by_price_desc" if direction else "gadget_by_price"), plan


class Home:
    """Identity, as far as `Calls` asks it."""

    def __init__(self, answer: Caller | Exception) -> None:
        self.answer, self.asked = answer, list[tuple[UUID, UUID]]()

    async def __call__(self, tenant_id: UUID, user_id: UUID) -> Caller:
        self.asked.append((tenant_id, user_id))
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


async def works(shop: Served, home: Home, **of_price: Any) -> list[Gadget | None]:
    """A service at its own work that makes the same gadget twice, as a consumer would that tries again."""
    calls, found = replace(shop.calls, means=Means(known_by=home)), list[Gadget | None]()
    for _ in range(2):
        try:
            async with calls.open(Caller.system(ACME, "test")) as call:
                gadget = Gadget(display_name="x", owner_id=str(ACME), price=Money(**of_price))
                found.append(await GADGETS.create(call, gadget))
        except TenantUnknown:
            found.append(None)
    return found


async def test_a_service_at_its_own_work_asks_what_its_tenant_counts_in_once_it_must_know(shop: Served) -> None:
    home = Home(EUROS)
    undone, stands = await works(shop, home, **price("CNY", 8))
    assert undone is None
    assert stands is not None
    assert stands.price.base_amount == "1"
    assert len((await shop.as_("admin").ListGadgets()).gadgets) == 1
    assert is_outage(TenantUnknown("so consumers and jobs try again, and count no failure"))
    assert home.asked == [(ACME, Caller.system(ACME, "test").user_id)]  # by the second call, before its transaction


async def test_while_identity_is_away_only_what_needs_it_waits(shop: Served) -> None:
    assert await works(shop, Home(Unavailable("away")), **price("CNY", 8)) == [None, None]
    carried = await works(shop, Home(Unavailable("away")), **price("CNY", 8, base_amount="7"))
    assert [one.price.base_amount for one in carried if one] == ["7", "7"]  # from the record it is of


async def test_in_a_closed_tenant_work_goes_on_without_knowing(shop: Served) -> None:
    undone, stands = await works(shop, Home(Unauthenticated("this tenant is closed")), **price("CNY", 8))
    assert undone is None
    assert stands is not None
    assert not stands.price.HasField("base_amount")
