"""Settling a case."""

from chassis.call import Call
from kith.service_desk.v1.case_pb2 import Case, ResolveCaseRequest
from service_desk.case import rules
from service_desk.case.case import CASES


async def resolve_case(call: Call, request: ResolveCaseRequest) -> Case:
    """Say that it is settled, and how."""
    case = await CASES.lock(call, request.id, request.etag)
    rules.resolve(case, request.resolution, call.now)
    return await CASES.save(call, case, verb="resolved")
