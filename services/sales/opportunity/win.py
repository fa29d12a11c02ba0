"""Winning an opportunity."""

from chassis.call import Call
from kith.sales.v1.opportunity_pb2 import Opportunity, WinOpportunityRequest
from kith.sales.v1.stage_pb2 import Stage
from sales.opportunity import rules
from sales.opportunity.move_stage import enter
from sales.opportunity.opportunity import OPPORTUNITIES
from sales.stage.of_pipeline import stages_of


async def win_opportunity(call: Call, request: WinOpportunityRequest) -> Opportunity:
    """Move one opportunity to the won stage of its pipeline."""
    opportunity = await OPPORTUNITIES.lock(call, request.id, request.etag)
    stage = rules.stage_that_ends(await stages_of(call, opportunity.pipeline_id), Stage.WON)
    return await enter(call, opportunity, stage)
