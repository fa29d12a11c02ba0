"""Saying that a lead is worth selling to."""

from chassis.call import Call
from kith.sales.v1.lead_pb2 import Lead, QualifyLeadRequest
from sales.lead import rules
from sales.lead.lead import LEADS


async def qualify_lead(call: Call, request: QualifyLeadRequest) -> Lead:
    """Saying that a lead is worth selling to."""
    lead = await LEADS.lock(call, request.id, request.etag)
    rules.qualify(lead)
    return await LEADS.save(call, lead, verb="qualified")
