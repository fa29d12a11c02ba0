"""What contacts does when the service desk speaks: it tells the customer's timeline."""

from chassis.call import Call
from chassis.events.cloud_event import Event
from chassis.events.subscription import on
from contacts.interaction.hear import hear
from kith.contacts.v1.interaction_pb2 import Interaction
from kith.service_desk.v1.case_message_pb2 import CaseMessage
from kith.service_desk.v1.case_pb2 import CaseEvent

TOLD = ("created", "replied", "resolved", "reopened")
DIRECTIONS = {CaseMessage.INBOUND: Interaction.INBOUND, CaseMessage.OUTBOUND: Interaction.OUTBOUND}


async def tell_case(call: Call, message: CaseEvent, event: Event) -> None:
    """A step of a case. What was said stays at the desk, which knows who may read it; a note among ourselves is no
    dealing with the customer."""
    case, said = message.after, message.details.message
    if message.verb == "replied" and said.kind != CaseMessage.PUBLIC_REPLY:
        return
    entry = Interaction(
        kind=Interaction.CASE,
        direction=DIRECTIONS.get(said.direction, Interaction.DIRECTION_UNSPECIFIED),
        summary=case.display_name,
        source_record=f"cases/{case.id}",
    )
    await hear(call, event, entry, case)


HEARD_FROM_SERVICE_DESK = [on(f"service_desk.case.{verb}", tell_case) for verb in TOLD]
