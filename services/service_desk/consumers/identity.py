"""What the service desk does when identity speaks."""

from chassis.call import Call
from chassis.events.subscription import on
from chassis.resource.handover import handover_of
from kith.identity.v1.user_pb2 import UserEvent
from service_desk.case.hand_over import hand_over_cases


async def pass_on_cases(call: Call, event: UserEvent) -> None:
    """Nothing open stays with somebody who left."""
    await call.schedule(hand_over_cases, handover_of(event.after))


HEARD_FROM_IDENTITY = [on("identity.user.deactivated", pass_on_cases)]
