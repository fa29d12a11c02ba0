"""Putting a resolved case back to work."""

from chassis.call import Call
from kith.service_desk.v1.case_message_pb2 import CaseMessage
from kith.service_desk.v1.case_pb2 import Case, ReopenCaseRequest
from service_desk.case import rules
from service_desk.case.case import CASES
from service_desk.case.message import say


async def reopen_case(call: Call, request: ReopenCaseRequest) -> Case:
    """Why is kept as an internal note."""
    case = await CASES.lock(call, request.id, request.etag)
    rules.reopen(case, call.now)
    if request.reason:
        await say(call, case, CaseMessage(kind=CaseMessage.INTERNAL_NOTE, body=request.reason))
        case.last_message_time.FromDatetime(call.now)
    return await CASES.save(call, case, verb="reopened")
