"""Opening an opportunity in a stage of its pipeline."""

from chassis.call import Call
from chassis.resource.standard import admitted, told_from_the_root
from kith.sales.v1.opportunity_pb2 import CreateOpportunityRequest, Opportunity
from sales.opportunity import rules
from sales.opportunity.opportunity import OPPORTUNITIES
from sales.stage.stage import STAGES


async def create_opportunity(call: Call, request: CreateOpportunityRequest) -> Opportunity:
    """As every noun is made, and it must start in an open stage."""
    opportunity = admitted(OPPORTUNITIES, call, request.opportunity)
    with told_from_the_root(OPPORTUNITIES):
        if opportunity.pipeline_id and opportunity.stage_id:
            rules.begin(opportunity, await STAGES.referred(call, opportunity.stage_id, "stage_id"), call.now)
        return await OPPORTUNITIES.create(call, opportunity, id=request.id)
