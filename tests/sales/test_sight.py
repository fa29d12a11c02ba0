"""Who sees a record is told alike by each way of asking, and as the design has it (S06).

A company is made up at random and asked about each of its people: whether they get, list, count, sum and change each
record, and what their board adds up to, must be what `tests.sales.company` works out. KITH_S06 says how many companies.
"""

import os
from typing import Any

import pytest

from chassis.access.caller import Caller, Reach
from chassis.access.sight import Level, SharedBy
from chassis.testing.serving import Served, refusal
from kith.sales.v1.opportunity_pb2 import Opportunity
from tests.sales.company import Company, Deal, Person, company
from tests.sales.market import Market
from tests.sales.people import ACME, grants

COMPANIES = int(os.environ.get("KITH_S06", "3"))
PEOPLE, DEALS = 6, 24
NOUN = "sales.opportunity"


@pytest.mark.parametrize("seed", range(COMPANIES))
async def test_every_way_of_asking_agrees_with_the_design(market: Market, seed: int) -> None:
    told = company(seed, PEOPLE, DEALS)
    await founded(market, told)
    seen = 0
    for at, person in enumerate(told.people):
        mine = [deal for deal in told.deals if told.sees(person, deal)]
        seen += len(mine)
        await agrees(market, f"p{at}", told, person, mine)
    assert 0 < seen < PEOPLE * DEALS


async def agrees(market: Market, name: str, told: Company, person: Person, mine: list[Deal]) -> None:
    their, ids = market.as_(name), [deal.id for deal in told.deals]
    wanted = {deal.id for deal in mine}
    got = {id for id in ids if not await told_of(their.GetOpportunity(id=id))}
    listed = await their.ListOpportunities(page_size=200, with_total=True, exact_total=True)
    batch = await their.BatchGetOpportunities(ids=ids)
    assert got == wanted, name
    assert {one.id for one in listed.opportunities} == wanted
    assert listed.total_size == len(wanted)
    assert {one.id for one in batch.opportunities} == wanted
    rows = (await their.AggregateOpportunities(measures=["sum(amount)"], group_by=["stage_id"])).rows
    assert {row.keys[0]: (row.count, row.values[0].money.units) for row in rows} == sums(market, mine)
    board = await their.ShowBoard(pipeline_id=market.pipeline)
    columns = {one.stage_id: (one.count, sum(money.units for money in one.totals)) for one in board.columns}
    assert {stage: sum for stage, sum in columns.items() if sum[0]} == sums(market, mine)
    for deal in told.deals:
        change = {"id": deal.id, "next_step": "ring"}
        assert await told_of(their.UpdateOpportunity(opportunity=change, validate_only=True)) == code(
            told.sees(person, deal), told.changes(person, deal)
        )
        assert await told_of(their.DeleteOpportunity(id=deal.id, validate_only=True)) == code(
            told.sees(person, deal), told.deletes(person, deal)
        )


def code(sees: bool, may: bool) -> str:
    return "" if may else "PERMISSION_DENIED" if sees else "NOT_FOUND"


def sums(market: Market, deals: list[Deal]) -> dict[str, tuple[int, int]]:
    """Number and amounts of `deals`, by stage."""
    found: dict[str, tuple[int, int]] = {}
    for deal in deals:
        count, units = found.get(market.stages[deal.stage], (0, 0))
        found[market.stages[deal.stage]] = count + 1, units + deal.units
    return found


async def told_of(asked: Any) -> str:
    """ "" where it was answered, else the code it was refused with."""
    try:
        return (await refusal(asked)).code
    except AssertionError:
        return ""


async def founded(market: Market, told: Company) -> None:
    """The company at work in the market: its people, named `p0` and so on, their deals, and what was shared."""
    served: Served = market.served
    for at, person in enumerate(told.people):
        served.people[f"p{at}"] = caller_of(told, person)
    for deal in told.deals:
        owner = f"p{told.people.index(deal.owner)}"
        more = {"type": Opportunity.Type.Value(deal.type), "next_step": deal.next_step}
        deal.id = (await market.opened(owner, stage=deal.stage, units=deal.units, **more)).id
    for share in told.shares:
        assert share.deal
        field = "team_id" if share.grantee in told.above else "user_id"
        given = {"id": share.deal.id, field: str(share.grantee), "level": "WRITE" if share.writes else "READ"}
        await market.as_("admin").ShareOpportunity(**given)
        if share.ended:
            sql = "update share set expire_time = now() - interval '1 s' where record_id = $1 and grantee_id = $2"
            await served.admin.execute(sql, share.deal.id, share.grantee)


def caller_of(told: Company, person: Person) -> Caller:
    """As identity would have it."""
    mine = [rule for rule in told.rules if rule.grantee in {person.id, *person.teams}]
    rules = tuple(SharedBy(rule.filter, Level.WRITE if rule.writes else Level.READ) for rule in mine)
    below = tuple(team for team in told.below(person) if team not in person.teams)
    return Caller(
        ACME,
        person.id,
        grants(Reach[person.reach]),
        tuple(person.teams),
        below,
        shared_by={NOUN: rules} if rules else {},
        base_currency="EUR",
    )
