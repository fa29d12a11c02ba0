"""Making a disqualified lead new again."""

from chassis.call import Call
from kith.sales.v1.lead_pb2 import Lead, RecycleLeadRequest
from sales.lead import rules
from sales.lead.lead import LEADS


async def recycle_lead(call: Call, request: RecycleLeadRequest) -> Lead:
    """Making a disqualified lead new again."""
    lead = await LEADS.lock(call, request.id, request.etag)
    rules.recycle(lead)
    return await LEADS.save(call, lead, verb="recycled")
