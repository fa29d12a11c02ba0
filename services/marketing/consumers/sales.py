"""What marketing does when sales speaks: it keeps who came from where, and what they bought."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from chassis.call import Call
from chassis.events.cloud_event import Event
from chassis.events.subscription import Heard, on_many
from chassis.resource.kinds import moment
from kith.sales.v1.lead_pb2 import Lead, LeadEvent
from kith.sales.v1.opportunity_pb2 import Opportunity, OpportunityEvent
from marketing.consumers.hear import hear, id_of
from marketing.contact_fact.known import LEADS, OPPORTUNITIES


async def hear_leads(call: Call, heard: Sequence[Heard[LeadEvent]]) -> None:
    """Leads became these contacts."""
    await hear(call, LEADS, [(event, _lead(message.after)) for message, event in heard])


async def hear_opportunities(call: Call, heard: Sequence[Heard[OpportunityEvent]]) -> None:
    """Whatever happened to them: whose they are, whether they are open or won, for how much and when."""
    await hear(call, OPPORTUNITIES, [(event, _opportunity(message.after, event)) for message, event in heard])


def _lead(lead: Lead) -> dict[str, Any]:
    return {"contact_id": id_of(lead.contact_id), "source": lead.source, "living": not lead.HasField("delete_time")}


def _opportunity(opportunity: Opportunity, event: Event) -> dict[str, Any]:
    amount, closed = opportunity.amount, opportunity.HasField("closed_time")
    won = opportunity.state == Opportunity.WON
    return {
        "account_id": id_of(opportunity.account_id),
        "contact_id": id_of(opportunity.contact_id),
        "state": Opportunity.State.Name(opportunity.state),
        "base_amount": Decimal(amount.base_amount) if amount.HasField("base_amount") else None,
        "won_time": (moment(opportunity.closed_time) if closed else event.time) if won else None,
        "living": not opportunity.HasField("delete_time"),
    }


HEARD_FROM_SALES = [on_many("sales.lead.converted", hear_leads), on_many("sales.opportunity.*", hear_opportunities)]
