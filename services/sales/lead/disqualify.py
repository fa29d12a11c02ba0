"""Saying that nothing will come of a lead."""

from chassis.call import Call
from kith.sales.v1.lead_pb2 import DisqualifyLeadRequest, Lead
from sales.lead import rules
from sales.lead.lead import LEADS


async def disqualify_lead(call: Call, request: DisqualifyLeadRequest) -> Lead:
    """Put it aside, with why."""
    lead = await LEADS.lock(call, request.id, request.etag)
    rules.disqualify(lead, request.reason)
    return await LEADS.save(call, lead, verb="disqualified")
