"""What marketing does when the service desk speaks: it keeps whose cases are open."""

from collections.abc import Sequence
from typing import Any

from chassis.call import Call
from chassis.events.subscription import Heard, on_many
from chassis.resource.kinds import moment
from kith.service_desk.v1.case_pb2 import Case, CaseEvent
from marketing.consumers.hear import hear, id_of
from marketing.contact_fact.known import CASES

OPEN = {Case.NEW, Case.OPEN, Case.PENDING_CUSTOMER}


async def hear_cases(call: Call, heard: Sequence[Heard[CaseEvent]]) -> None:
    """Whatever happened to them."""
    await hear(call, CASES, [(event, _case(message.after)) for message, event in heard])


def _case(case: Case) -> dict[str, Any]:
    return {
        "account_id": id_of(case.account_id),
        "contact_id": id_of(case.contact_id),
        "open": case.state in OPEN,
        "resolve_time": moment(case.resolved_time) if case.HasField("resolved_time") else None,
        "living": not case.HasField("delete_time"),
    }


HEARD_FROM_SERVICE_DESK = [on_many("service_desk.case.*", hear_cases)]
