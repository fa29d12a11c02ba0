"""What contacts does when identity speaks."""

from chassis.call import Call
from chassis.events.subscription import on
from chassis.resource.handover import hand_over, handover_of
from kith.identity.v1.user_pb2 import UserEvent


async def give_to_successor(call: Call, event: UserEvent) -> None:
    """Whoever leaves names who takes over; a job passes on all they answer for here."""
    await call.schedule(hand_over, handover_of(event.after))


HEARD_FROM_IDENTITY = [on("identity.user.deactivated", give_to_successor)]
