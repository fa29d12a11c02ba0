"""What marketing does when the service desk speaks: it keeps whose cases are open."""

from chassis.call import Call
from chassis.events.cloud_event import Event
from chassis.events.subscription import on
from chassis.resource.kinds import moment
from kith.service_desk.v1.case_pb2 import Case, CaseEvent
from marketing.consumers.hear import hear, id_of
from marketing.contact_fact.known import CASES

OPEN = {Case.NEW, Case.OPEN, Case.PENDING_CUSTOMER}


async def hear_case(call: Call, message: CaseEvent, event: Event) -> None:
    """Whatever happened to it."""
    case = message.after
    row = {
        "account_id": id_of(case.account_id),
        "contact_id": id_of(case.contact_id),
        "open": case.state in OPEN,
        "resolve_time": moment(case.resolved_time) if case.HasField("resolved_time") else None,
        "living": not case.HasField("delete_time"),
    }
    await hear(call, event, CASES, row)


HEARD_FROM_SERVICE_DESK = [on("service_desk.case.*", hear_case)]
