"""Ending what was not a case after all."""

from chassis.call import Call
from kith.service_desk.v1.case_pb2 import CancelCaseRequest, Case
from service_desk.case import rules
from service_desk.case.case import CASES


async def cancel_case(call: Call, request: CancelCaseRequest) -> Case:
    """Why is kept in the case."""
    case = await CASES.lock(call, request.id, request.etag)
    rules.cancel(case, request.reason, call.now)
    return await CASES.save(call, case, verb="cancelled")
