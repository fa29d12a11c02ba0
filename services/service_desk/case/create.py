"""Opening a case."""

from chassis.call import Call
from chassis.resource.standard import admitted, told_from_the_root
from kith.service_desk.v1.case_pb2 import Case, CreateCaseRequest
from kith.service_desk.v1.queue_pb2 import Queue
from service_desk.case import rules
from service_desk.case.case import CASES
from service_desk.case.number import next_number
from service_desk.queue.default import default_queue
from service_desk.queue.queue import QUEUES


async def create_case(call: Call, request: CreateCaseRequest) -> Case:
    """As every noun is made, in the named queue or else the default one, and with the tenant's next number."""
    case = admitted(CASES, call, request.case)
    with told_from_the_root(CASES):
        return await open_case(call, case, id=request.id)


async def open_case(call: Call, case: Case, id: str = "") -> Case:
    """The one way a case begins, whoever opens it. Raises InvalidArgument."""
    if queue := await _queue_of(call, case):
        rules.route(case, queue)
    case.number = await next_number(call)
    return await CASES.create(call, case, id=id)


async def _queue_of(call: Call, case: Case) -> Queue | None:
    if not case.queue_id:
        return await default_queue(call)
    return await QUEUES.referred(call, case.queue_id, "queue_id")
