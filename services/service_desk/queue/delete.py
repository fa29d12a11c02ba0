"""Putting away a queue that nobody waits in."""

from typing import Any

from sqlalchemy import Select, Uuid, bindparam, or_, select

from chassis.access.caller import Reach
from chassis.call import Call
from chassis.errors import FailedPrecondition
from kith.service_desk.v1.case_pb2 import Case
from kith.service_desk.v1.queue_pb2 import DeleteQueueRequest, Queue
from service_desk.case.case import CASES
from service_desk.case.rules import UNSETTLED
from service_desk.queue.queue import QUEUES


class QueueInUse(FailedPrecondition): ...


async def delete_queue(call: Call, request: DeleteQueueRequest) -> Queue:
    """Raises QueueInUse while cases that are not settled wait in it, whoever may see them."""
    queue = await QUEUES.lock(call, request.id, request.etag, ending=True)
    if await call.ask("waiting in a queue", _one_waiting, {"queue": queue.id}):
        raise QueueInUse(f"open cases wait in queue {queue.id}", id=queue.id)
    return await QUEUES.delete(call, request.id, request.etag)


def _one_waiting() -> Select[Any]:
    table = CASES.table
    here = CASES.within(Reach.TENANT), table.c.queue_id == bindparam("queue", type_=Uuid)
    unsettled = or_(*(table.c.state == Case.State.Name(state) for state in sorted(UNSETTLED)))
    return select(table.c.id).where(*here, unsettled, table.c.delete_time.is_(None)).limit(1)
