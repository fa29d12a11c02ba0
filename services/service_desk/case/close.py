"""Ending a resolved case for good."""

from chassis.call import Call
from kith.service_desk.v1.case_pb2 import Case, CloseCaseRequest
from service_desk.case import rules
from service_desk.case.case import CASES


async def close_case(call: Call, request: CloseCaseRequest) -> Case:
    """From here on it needs a new case."""
    case = await CASES.lock(call, request.id, request.etag)
    rules.close(case, call.now)
    return await CASES.save(call, case, verb="closed")
