"""Putting a closed opportunity back to work."""

from chassis.call import Call
from kith.sales.v1.opportunity_pb2 import Opportunity, ReopenOpportunityRequest
from sales.opportunity import rules
from sales.opportunity.last_stage import last_open_stage
from sales.opportunity.opportunity import OPPORTUNITIES, STAGE_CHANGES
from sales.stage.of_pipeline import stages_of
from sales.stage.stage import STAGES


async def reopen_opportunity(call: Call, request: ReopenOpportunityRequest) -> Opportunity:
    """Into the named stage, else the one it stood in before it was closed."""
    opportunity = await OPPORTUNITIES.lock(call, request.id, request.etag)
    if request.stage_id:
        stage = await STAGES.referred(call, request.stage_id, "stage_id")
    else:
        before = await last_open_stage(call, opportunity)
        stage = rules.stage_to_resume(await stages_of(call, opportunity.pipeline_id), before)
    change = rules.reopen(opportunity, stage, call.now, call.today)
    await STAGE_CHANGES.create(call, change)
    return await OPPORTUNITIES.save(call, opportunity, verb="reopened")
