"""Taking a lead up."""

from chassis.call import Call
from kith.sales.v1.lead_pb2 import Lead, WorkLeadRequest
from sales.lead import rules
from sales.lead.lead import LEADS


async def work_lead(call: Call, request: WorkLeadRequest) -> Lead:
    """Taking a lead up."""
    lead = await LEADS.lock(call, request.id, request.etag)
    rules.work(lead)
    return await LEADS.save(call, lead, verb="working_started")
