"""A task is done."""

from chassis.call import Call
from contacts.task import rules
from contacts.task.task import TASKS
from kith.contacts.v1.task_pb2 import CompleteTaskRequest, Task


async def complete_task(call: Call, request: CompleteTaskRequest) -> Task:
    """From OPEN or IN_PROGRESS."""
    task = await TASKS.lock(call, request.id, request.etag)
    rules.complete(task, call.now)
    return await TASKS.save(call, task, verb="completed")
