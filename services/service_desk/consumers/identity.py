"""What the service desk does when identity speaks."""

from chassis.call import Call
from chassis.events.subscription import on
from kith.identity.v1.user_pb2 import UserEvent
from kith.v1.handover_pb2 import Handover
from service_desk.case.hand_over import hand_over_cases


async def pass_on_cases(call: Call, event: UserEvent) -> None:
    """Nothing open stays with somebody who left."""
    await call.schedule(hand_over_cases, Handover(from_user_id=event.after.id, to_user_id=event.after.successor_id))


HEARD_FROM_IDENTITY = [on("identity.user.deactivated", pass_on_cases)]
