"""What contacts does when sales speaks: it tells the customer's timeline, and sums up what an account bought."""

from uuid import UUID

from chassis.call import Call
from chassis.events.cloud_event import Event
from chassis.events.subscription import on
from chassis.resource.kinds import moment
from contacts.account.purchases import keep_purchase
from contacts.interaction.hear import hear
from kith.contacts.v1.interaction_pb2 import Interaction
from kith.sales.v1.lead_pb2 import LeadEvent
from kith.sales.v1.opportunity_pb2 import Opportunity, OpportunityEvent

TOLD = ("created", "stage_changed", "won", "lost", "reopened")


async def tell_lead(call: Call, message: LeadEvent, event: Event) -> None:
    """A lead became this customer."""
    lead = message.after
    entry = Interaction(kind=Interaction.SYSTEM, summary=lead.display_name, source_record=f"leads/{lead.id}")
    await hear(call, event, entry, lead)


async def tell_opportunity(call: Call, message: OpportunityEvent, event: Event) -> None:
    """A step of an opportunity; a won one is a purchase."""
    opportunity = message.after
    kind = Interaction.PURCHASE if message.verb == "won" else Interaction.SYSTEM
    record = f"opportunities/{opportunity.id}"
    entry = Interaction(kind=kind, summary=opportunity.display_name, body=opportunity.lost_reason, source_record=record)
    await hear(call, event, entry, opportunity)


async def sum_up_purchase(call: Call, message: OpportunityEvent, event: Event) -> None:
    """Whether it is won, by which account, and when; whatever happened to it."""
    opportunity = message.after
    won = opportunity.state == Opportunity.WON and not opportunity.HasField("delete_time")
    await keep_purchase(
        call,
        {
            "opportunity_id": event.aggregate_id,
            "account_id": UUID(opportunity.account_id) if opportunity.account_id else None,
            "won": won,
            "won_time": moment(opportunity.closed_time) if won and opportunity.HasField("closed_time") else None,
            "sequence": event.sequence,
        },
    )


HEARD_FROM_SALES = [
    on("sales.lead.converted", tell_lead),
    *(on(f"sales.opportunity.{verb}", tell_opportunity) for verb in TOLD),
    on("sales.opportunity.*", sum_up_purchase),
]
