"""Giving a case to somebody to work on."""

from chassis.call import Call
from kith.service_desk.v1.case_pb2 import AssignCaseRequest, Case
from service_desk.case import rules
from service_desk.case.case import CASES


async def assign_case(call: Call, request: AssignCaseRequest) -> Case:
    """Whoever owns it works on it."""
    case = await CASES.lock(call, request.id, request.etag)
    rules.assign(case, request.owner_id, request.team_id)
    return await CASES.save(call, case, verb="assigned")
