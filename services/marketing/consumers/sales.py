"""What marketing does when sales speaks: it keeps who came from where, and what they bought."""

from decimal import Decimal

from chassis.call import Call
from chassis.events.cloud_event import Event
from chassis.events.subscription import on
from chassis.resource.kinds import moment
from kith.sales.v1.lead_pb2 import LeadEvent
from kith.sales.v1.opportunity_pb2 import Opportunity, OpportunityEvent
from marketing.consumers.hear import hear, id_of
from marketing.contact_fact.known import LEADS, OPPORTUNITIES


async def hear_lead(call: Call, message: LeadEvent, event: Event) -> None:
    """A lead became this contact."""
    lead = message.after
    row = {"contact_id": id_of(lead.contact_id), "source": lead.source, "living": not lead.HasField("delete_time")}
    await hear(call, event, LEADS, row)


async def hear_opportunity(call: Call, message: OpportunityEvent, event: Event) -> None:
    """Whatever happened to it: whose it is, whether it is open or won, for how much and when."""
    opportunity = message.after
    amount, closed = opportunity.amount, opportunity.HasField("closed_time")
    won = opportunity.state == Opportunity.WON
    row = {
        "account_id": id_of(opportunity.account_id),
        "contact_id": id_of(opportunity.contact_id),
        "state": Opportunity.State.Name(opportunity.state),
        "base_amount": Decimal(amount.base_amount) if amount.HasField("base_amount") else None,
        "won_time": (moment(opportunity.closed_time) if closed else event.time) if won else None,
        "living": not opportunity.HasField("delete_time"),
    }
    await hear(call, event, OPPORTUNITIES, row)


HEARD_FROM_SALES = [on("sales.lead.converted", hear_lead), on("sales.opportunity.*", hear_opportunity)]
