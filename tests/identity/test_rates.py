"""What other currencies are worth: said by the tenant, and known wherever a caller is (contract: Filter)."""

from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from chassis.access.caller import Caller
from chassis.access.principal import caller_of, principal_of
from chassis.call import Means
from chassis.testing.serving import refusal
from tests.identity.suite import World, neighbour, until


def rates(**known: str) -> list[dict[str, str]]:
    return [{"currency_code": code, "rate": rate} for code, rate in known.items()]


async def keeps(world: World, *said: dict[str, str]) -> Any:
    tenant = {"id": world.tenant.id, "exchange_rates": said}
    return await world.boss.UpdateTenant(tenant=tenant, update_mask={"paths": ["exchangeRates"]})


@pytest.mark.parametrize(
    ("said", "field"),
    [
        (rates(CNY="0"), "exchange_rates[0].rate"),
        (rates(CNY="0.000"), "exchange_rates[0].rate"),
        (rates(CNY="-1"), "exchange_rates[0].rate"),
        (rates(CNY="much"), "exchange_rates[0].rate"),
        (rates(CNY=""), "exchange_rates[0].rate"),
        (rates(CNY="NaN"), "exchange_rates[0].rate"),
        (rates(CNY="1e3"), "exchange_rates[0].rate"),
        (rates(CNY="1,5"), "exchange_rates[0].rate"),
        (rates(CNY="٣"), "exchange_rates[0].rate"),
        (rates(CNY="1234567890"), "exchange_rates[0].rate"),
        (rates(CNY="0.1234567890123"), "exchange_rates[0].rate"),
        (rates(CNY="1", QQQ="1"), "exchange_rates[1].currency_code"),
        (rates(cny="1"), "exchange_rates[0].currency_code"),
        (rates(EUR="1"), "exchange_rates[0].currency_code"),
        ([*rates(CNY="1"), *rates(USD="1"), *rates(CNY="1")], "exchange_rates[2].currency_code"),
        (rates(CNY="1") * 201, "exchange_rates"),
    ],
)
async def test_a_rate_that_cannot_be_is_refused_by_name(world: World, said: list[dict[str, str]], field: str) -> None:
    refused = await refusal(keeps(world, *said))
    assert (refused.code, f"tenant.{field}" in refused.fields) == ("INVALID_ARGUMENT", True), refused
    assert not (await world.boss.GetTenant(id=world.tenant.id)).exchange_rates


async def test_only_who_may_change_the_tenant_says_what_currencies_are_worth(world: World) -> None:
    await world.user("ann", "Sales rep")
    ann = await world.signed_in("ann")
    change = ann.UpdateTenant(tenant={"id": world.tenant.id, "exchange_rates": rates(CNY="0.125")})
    assert (await refusal(change)).code == "PERMISSION_DENIED"


async def test_new_rates_are_known_to_people_and_services_within_seconds(world: World) -> None:
    await keeps(world, *rates(CNY="0.125", JPY="0.006100000001"))
    token, tenant = (await world.sign_in()).access_token, UUID(world.tenant.id)
    async with neighbour(world.replica) as (sales, _):
        await until(lambda: sales._principals._listening)
        home = sales.means(Means()).known_by
        assert home is not None

        async def known() -> list[Caller]:
            boss = await sales.authenticate([("authorization", f"Bearer {token}")])
            return [boss, await home(tenant, Caller.system(tenant, "sales").user_id)]

        before = await known()
        assert [one.exchange_rates for one in before] == [
            {"CNY": Decimal("0.125"), "JPY": Decimal("0.006100000001")}
        ] * 2

        async def kept() -> bool:
            """Not asked again, once it has been heard of what changed before."""
            return all(one is two for one, two in zip(await known(), await known(), strict=True))

        await until(kept)
        await keeps(world, *rates(USD="0.9"))

        async def both() -> bool:
            return [one.exchange_rates for one in await known()] == [{"USD": Decimal("0.9")}] * 2

        await until(both)


def test_a_caller_travels_with_what_currencies_are_worth() -> None:
    said = {"CNY": Decimal("0.000000000001"), "KWD": Decimal("999999999")}
    one = Caller(UUID(int=1), UUID(int=2), {}, base_currency="EUR", exchange_rates=said)
    assert caller_of(principal_of(one)) == one
