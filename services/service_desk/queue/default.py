"""Where a case waits that names no queue."""

from typing import Any

from sqlalchemy import Select, select

from chassis.access.caller import Reach
from chassis.call import Call
from kith.service_desk.v1.queue_pb2 import Queue
from service_desk.queue.queue import QUEUES


async def default_queue(call: Call) -> Queue | None:
    """The tenant's own choice, whoever asks; None before there is one."""
    rows = await call.ask("default queue", _chosen, {})
    return Queue(**QUEUES.codec.fields(rows[0])) if rows else None


def _chosen() -> Select[Any]:
    table = QUEUES.table
    living = QUEUES.within(Reach.TENANT), table.c.delete_time.is_(None)
    return select(*QUEUES.codec.columns).where(*living, table.c.default)
