"""Moving an opportunity through its pipeline."""

from chassis.call import Call
from kith.sales.v1.opportunity_pb2 import MoveStageRequest, Opportunity
from kith.sales.v1.stage_pb2 import Stage
from sales.opportunity import rules
from sales.opportunity.opportunity import OPPORTUNITIES, STAGE_CHANGES
from sales.stage.stage import STAGES


async def move_stage(call: Call, request: MoveStageRequest) -> Opportunity:
    """Move one opportunity; the won and lost stages close it."""
    opportunity = await OPPORTUNITIES.lock(call, request.id, request.etag)
    stage = await STAGES.referred(call, request.stage_id, "stage_id")
    return await enter(call, opportunity, stage, request.lost_reason)


async def enter(call: Call, opportunity: Opportunity, stage: Stage, lost_reason: str = "") -> Opportunity:
    """The step, its line in the journal, and its event; the one rule behind moving, winning and losing."""
    if opportunity.stage_id == stage.id and opportunity.state == Opportunity.OPEN:
        return opportunity
    change = rules.enter_stage(opportunity, stage, call.now, call.today, lost_reason)
    await STAGE_CHANGES.create(call, change)
    return await OPPORTUNITIES.save(call, opportunity, verb=rules.verb_of(stage))
