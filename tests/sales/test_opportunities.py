"""Opportunities and their way through the pipeline (SA-03)."""

from datetime import UTC, datetime
from typing import Any

import pytest

from chassis.testing.serving import Refused, refusal
from kith.sales.v1.opportunity_pb2 import Opportunity, OpportunityEvent
from tests.sales.market import Market

NOT_FOUND = Refused("NOT_FOUND", "NOT_FOUND")


async def test_a_move_changes_stage_and_probability_and_leaves_a_step(market: Market) -> None:
    rep, opened = market.as_("rep"), await market.opened(units=100)
    moved = await rep.MoveStage(id=opened.id, stage_id=market.stages["proposal"])
    assert (opened.win_probability_percent, moved.win_probability_percent, moved.state) == (10, 50, Opportunity.OPEN)
    (step,) = (await rep.ListStageChanges()).stage_changes
    assert (step.opportunity_id, step.from_stage_id) == (opened.id, market.stages["new"])
    assert (step.to_stage_id, step.amount.units) == (market.stages["proposal"], 100)
    assert step.HasField("stage_duration")
    assert await rep.GetStageChange(id=step.id, read_time=moved.update_time) == step
    assert await refusal(rep.GetStageChange(id=step.id, read_time=opened.create_time)) == NOT_FOUND
    assert (await market.served.events("sales.opportunity"))[-1][0] == "kith.sales.opportunity.stage_changed.v1"


async def test_winning_closes_it_today_and_says_so_once(market: Market) -> None:
    rep, opened = market.as_("rep"), await market.opened(units=100)
    won = await rep.WinOpportunity(id=opened.id)
    today = datetime.now(UTC).date()
    assert (won.state, won.stage_id, won.win_probability_percent) == (Opportunity.WON, market.stages["won"], 100)
    assert (won.close_date.year, won.close_date.month, won.close_date.day) == (today.year, today.month, today.day)
    assert won.HasField("closed_time")
    kind, payload = (await market.served.events("sales.opportunity"))[-1]
    assert kind == "kith.sales.opportunity.won.v1"
    assert OpportunityEvent.FromString(payload).before.state == Opportunity.OPEN
    assert (await refusal(rep.WinOpportunity(id=opened.id))).reason == "NOT_OPEN"


async def test_a_stage_may_be_entered_with_its_outcome_as_well(market: Market) -> None:
    opened = await market.opened(units=100)
    lost = await market.as_("rep").MoveStage(id=opened.id, stage_id=market.stages["lost"], lost_reason="Too dear")
    assert (lost.state, lost.lost_reason, lost.win_probability_percent) == (Opportunity.LOST, "Too dear", 0)


async def test_losing_keeps_why_and_reopening_goes_back_to_where_it_was(market: Market) -> None:
    rep, opened = market.as_("rep"), await market.opened(stage="proposal")
    lost = await rep.LoseOpportunity(id=opened.id, reason="Bought elsewhere")
    assert (lost.state, lost.lost_reason) == (Opportunity.LOST, "Bought elsewhere")
    back = await rep.ReopenOpportunity(id=opened.id)
    assert (back.state, back.stage_id, back.lost_reason) == (Opportunity.OPEN, market.stages["proposal"], "")
    assert not back.HasField("closed_time")
    assert len((await rep.ListStageChanges()).stage_changes) == 2


@pytest.mark.parametrize(
    ("rpc", "more", "reason"),
    [
        ("WinOpportunity", {}, "MISSING_FIELDS"),
        ("ReopenOpportunity", {}, "NOT_CLOSED"),
        ("MoveStage", {"stage_id": "won"}, "MISSING_FIELDS"),
        ("MoveStage", {"stage_id": "elsewhere"}, "STAGE_NOT_IN_PIPELINE"),
        ("MoveStage", {"stage_id": "nowhere"}, "INVALID_ARGUMENT"),
        ("LoseOpportunity", {"reason": ""}, "INVALID_ARGUMENT"),
    ],
)
async def test_an_open_one_is_refused(market: Market, rpc: str, more: dict[str, Any], reason: str) -> None:
    opened, admin = await market.opened(), market.as_("admin")
    other = (await admin.CreatePipeline(pipeline={"display_name": "Renewals"})).id
    stage = {"pipeline_id": other, "display_name": "Begin", "outcome": "OPEN"}
    places = market.stages | {"elsewhere": (await admin.CreateStage(stage=stage)).id, "nowhere": opened.id}
    if "stage_id" in more:
        more = more | {"stage_id": places[more["stage_id"]]}
    refused = await refusal(getattr(market.as_("rep"), rpc)(id=opened.id, **more))
    assert refused.reason == reason
    assert await market.as_("rep").GetOpportunity(id=opened.id) == opened


@pytest.mark.parametrize(
    ("given", "reason", "field"),
    [
        ({"stage_id": "won"}, "STAGE_NOT_OPEN", None),
        ({"stage_id": ""}, "INVALID_ARGUMENT", "opportunity.stage_id"),
        ({"pipeline_id": ""}, "INVALID_ARGUMENT", "opportunity.pipeline_id"),
        ({"amount": {"currency_code": "EUR", "units": -1}}, "INVALID_ARGUMENT", "opportunity.amount"),
    ],
)
async def test_an_opportunity_begins_where_it_can(
    market: Market, given: dict[str, Any], reason: str, field: str
) -> None:
    if given.get("stage_id"):
        given = given | {"stage_id": market.stages[given["stage_id"]]}
    refused = await refusal(market.opened(**given))
    assert refused.reason == reason
    assert not field or field in refused.fields


async def test_a_pipeline_without_ends_or_beginnings_says_so(market: Market) -> None:
    admin = market.as_("admin")
    empty = (await admin.CreatePipeline(pipeline={"display_name": "Empty"})).id
    stage = (await admin.CreateStage(stage={"pipeline_id": empty, "display_name": "Only", "outcome": "OPEN"})).id
    opened = await admin.CreateOpportunity(opportunity={"display_name": "x", "pipeline_id": empty, "stage_id": stage})
    assert (await refusal(admin.WinOpportunity(id=opened.id))).reason == "NO_SUCH_STAGE"


async def test_what_is_used_is_not_put_away(market: Market) -> None:
    admin, opened = market.as_("admin"), await market.opened()
    assert (await refusal(admin.DeletePipeline(id=market.pipeline))).reason == "PIPELINE_IN_USE"
    assert (await refusal(admin.DeleteStage(id=market.stages["new"]))).reason == "STAGE_IN_USE"
    await market.as_("rep").DeleteOpportunity(id=opened.id)
    assert (await admin.DeleteStage(id=market.stages["new"])).HasField("delete_time")


async def test_one_pipeline_is_the_default(market: Market) -> None:
    admin = market.as_("admin")
    second = {"display_name": "Second", "default": True}
    assert (await refusal(admin.CreatePipeline(pipeline=second))).code == "ALREADY_EXISTS"
    await admin.UpdatePipeline(pipeline={"id": market.pipeline}, update_mask={"paths": ["default"]})
    assert (await admin.CreatePipeline(pipeline=second)).default


async def test_a_board_counts_and_sums_what_its_reader_sees(market: Market) -> None:
    for user in ("rep", "southerner"):
        await market.opened(user, units=31337)
    await market.as_("rep").WinOpportunity(id=(await market.opened(units=1)).id)
    sums = {}
    for user in ("rep", "manager", "discreet"):
        board = await market.as_(user).ShowBoard(pipeline_id=market.pipeline)
        assert [column.display_name for column in board.columns] == ["new", "proposal", "won", "lost"]
        first = board.columns[0]
        sums[user] = first.count, [total.units for total in first.totals], len(first.opportunities)
    assert sums == {"rep": (1, [31337], 1), "manager": (2, [62674], 2), "discreet": (2, [], 2)}
    assert await refusal(market.as_("stranger").ShowBoard(pipeline_id=market.pipeline)) == NOT_FOUND


async def test_rules_see_what_their_caller_does_not(market: Market) -> None:
    discreet, rich, poor = market.as_("discreet"), await market.opened(units=31337), await market.opened()
    refused = await refusal(discreet.WinOpportunity(id=poor.id))
    assert (refused.reason, refused.fields) == ("MISSING_FIELDS", {})
    assert "amount" not in refused.message
    won = await discreet.WinOpportunity(id=rich.id)
    assert (won.state, won.HasField("amount")) == (Opportunity.WON, False)
