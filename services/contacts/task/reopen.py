"""A closed task is to be done after all."""

from chassis.call import Call
from contacts.task import rules
from contacts.task.task import TASKS
from kith.contacts.v1.task_pb2 import ReopenTaskRequest, Task


async def reopen_task(call: Call, request: ReopenTaskRequest) -> Task:
    """From DONE or CANCELLED."""
    task = await TASKS.lock(call, request.id, request.etag)
    rules.reopen(task)
    return await TASKS.save(call, task, verb="reopened")
