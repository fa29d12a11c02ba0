"""A case changes, and may come to wait elsewhere."""

from chassis.call import Call
from chassis.resource.standard import standard, told_from_the_root
from kith.service_desk.v1.case_pb2 import Case, UpdateCaseRequest
from service_desk.case import rules
from service_desk.case.case import CASES
from service_desk.queue.queue import QUEUES

_update = standard(CASES, "UpdateCase")


async def update_case(call: Call, request: UpdateCaseRequest) -> Case:
    """As every noun is updated; one that nobody has taken goes to the team of its new queue, as `routed`."""
    with told_from_the_root(CASES):
        before = await CASES.lock(call, request.case.id, request.case.etag)
        case = await _update(call, request)
        if case.queue_id and case.queue_id != before.queue_id:
            rules.route(case, await QUEUES.get(call, case.queue_id))
        return await CASES.save(call, case, verb="routed")
