"""A task is not needed any more."""

from chassis.call import Call
from contacts.task import rules
from contacts.task.task import TASKS
from kith.contacts.v1.task_pb2 import CancelTaskRequest, Task


async def cancel_task(call: Call, request: CancelTaskRequest) -> Task:
    """From OPEN or IN_PROGRESS."""
    task = await TASKS.lock(call, request.id, request.etag)
    rules.cancel(task)
    return await TASKS.save(call, task, verb="cancelled")
