"""What the service desk does when sales speaks."""

from chassis.call import Call
from chassis.events.subscription import on
from kith.sales.v1.opportunity_pb2 import OpportunityEvent
from service_desk.case.onboarding import open_onboarding


async def open_onboarding_case(call: Call, event: OpportunityEvent) -> None:
    """Whoever bought is helped to begin."""
    await open_onboarding(call, event.after)


HEARD_FROM_SALES = [on("sales.opportunity.won", open_onboarding_case)]
