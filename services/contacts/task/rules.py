"""How a task goes: OPEN, perhaps IN_PROGRESS, then DONE or CANCELLED, and from there back to OPEN."""

from datetime import datetime

from chassis.errors import FailedPrecondition
from kith.contacts.v1.task_pb2 import Task

CLOSED = (Task.DONE, Task.CANCELLED)


class NotOpen(FailedPrecondition): ...


class TaskClosed(FailedPrecondition): ...


class TaskNotClosed(FailedPrecondition): ...


def check(task: Task) -> None:
    """What holds on every write: a task not said to matter matters as usual."""
    task.priority = task.priority or Task.NORMAL


def start(task: Task) -> None:
    """Raises NotOpen."""
    if task.state != Task.OPEN:
        raise NotOpen("only an open task is begun", state=Task.State.Name(task.state))
    task.state = Task.IN_PROGRESS


def complete(task: Task, now: datetime) -> None:
    """Raises TaskClosed."""
    _refuse_closed(task)
    task.state = Task.DONE
    task.complete_time.FromDatetime(now)


def cancel(task: Task) -> None:
    """Raises TaskClosed."""
    _refuse_closed(task)
    task.state = Task.CANCELLED


def reopen(task: Task) -> None:
    """Raises TaskNotClosed."""
    if task.state not in CLOSED:
        raise TaskNotClosed("only a closed task is opened again", state=Task.State.Name(task.state))
    task.state = Task.OPEN
    task.ClearField("complete_time")


def _refuse_closed(task: Task) -> None:
    if task.state in CLOSED:
        raise TaskClosed("the task is closed", state=Task.State.Name(task.state))
