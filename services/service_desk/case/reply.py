"""Saying something in a case."""

from chassis.call import Call
from chassis.errors import InvalidArgument
from kith.service_desk.v1.case_message_pb2 import CaseMessage
from kith.service_desk.v1.case_pb2 import Case, CaseEventDetails, ReplyToCaseRequest
from service_desk.case import rules
from service_desk.case.case import CASES
from service_desk.case.message import say


async def reply_to_case(call: Call, request: ReplyToCaseRequest) -> Case:
    """The message, what it does to the case, and one event of both."""
    case = await CASES.lock(call, request.id, request.etag)
    message = _message(request)
    rules.reply(case, message, call.now, wait_for_customer=request.wait_for_customer)
    message = await say(call, case, message)
    return await CASES.save(call, case, verb="replied", details=CaseEventDetails(message=message))


def _message(request: ReplyToCaseRequest) -> CaseMessage:
    kind = request.kind or CaseMessage.PUBLIC_REPLY
    if kind == CaseMessage.INTERNAL_NOTE:
        if request.direction == CaseMessage.INBOUND:
            raise InvalidArgument.of("direction", "no customer writes internal notes")
        return CaseMessage(kind=kind, body=request.body)
    return CaseMessage(kind=kind, direction=request.direction or CaseMessage.OUTBOUND, body=request.body)
