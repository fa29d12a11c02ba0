"""Losing an opportunity."""

from chassis.call import Call
from kith.sales.v1.opportunity_pb2 import LoseOpportunityRequest, Opportunity
from kith.sales.v1.stage_pb2 import Stage
from sales.opportunity import rules
from sales.opportunity.move_stage import enter
from sales.opportunity.opportunity import OPPORTUNITIES
from sales.stage.of_pipeline import stages_of


async def lose_opportunity(call: Call, request: LoseOpportunityRequest) -> Opportunity:
    """Move one opportunity to the lost stage of its pipeline, and keep why."""
    opportunity = await OPPORTUNITIES.lock(call, request.id, request.etag)
    stage = rules.stage_that_ends(await stages_of(call, opportunity.pipeline_id), Stage.LOST)
    return await enter(call, opportunity, stage, request.reason)
