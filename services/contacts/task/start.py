"""Somebody begins a task."""

from chassis.call import Call
from contacts.task import rules
from contacts.task.task import TASKS
from kith.contacts.v1.task_pb2 import StartTaskRequest, Task


async def start_task(call: Call, request: StartTaskRequest) -> Task:
    """From OPEN."""
    task = await TASKS.lock(call, request.id, request.etag)
    rules.start(task)
    return await TASKS.save(call, task, verb="started")
