"""Tasks go OPEN → IN_PROGRESS → DONE or CANCELLED, and back to OPEN (CO-16)."""

import pytest

from chassis.testing.serving import Refused, Served, refusal
from kith.contacts.v1.task_pb2 import Task

OPEN, AT_IT, DONE, OFF = Task.OPEN, Task.IN_PROGRESS, Task.DONE, Task.CANCELLED
WAYS = {OPEN: [], AT_IT: ["StartTask"], DONE: ["CompleteTask"], OFF: ["CancelTask"]}
MOVES = {"StartTask": AT_IT, "CompleteTask": DONE, "CancelTask": OFF, "ReopenTask": OPEN}
REASONS = {
    "StartTask": "NOT_OPEN",
    "CompleteTask": "TASK_CLOSED",
    "CancelTask": "TASK_CLOSED",
    "ReopenTask": "TASK_NOT_CLOSED",
}
ALLOWED = {
    *((OPEN, move) for move in ("StartTask", "CompleteTask", "CancelTask")),
    *((AT_IT, move) for move in ("CompleteTask", "CancelTask")),
    (DONE, "ReopenTask"),
    (OFF, "ReopenTask"),
}


@pytest.mark.parametrize("state", list(WAYS))
@pytest.mark.parametrize("move", list(MOVES))
async def test_a_task_moves_as_its_states_allow(office: Served, state: Task.State.ValueType, move: str) -> None:
    rep = office.as_("rep")
    task = await rep.CreateTask(task={"display_name": "回访", "state": DONE})
    assert (task.state, task.priority) == (OPEN, Task.NORMAL)
    for way in WAYS[state]:
        task = await getattr(rep, way)(id=task.id)
    if (state, move) in ALLOWED:
        moved = await getattr(rep, move)(id=task.id, etag=task.etag)
        assert moved.state == MOVES[move]
        assert moved.HasField("complete_time") is (moved.state == DONE)
    else:
        refused = await refusal(getattr(rep, move)(id=task.id))
        assert refused == Refused("FAILED_PRECONDITION", REASONS[move])
        assert (await rep.GetTask(id=task.id)).state == state


async def test_my_overdue_tasks_are_one_list(office: Served) -> None:
    rep = office.as_("rep")
    late = await rep.CreateTask(task={"display_name": "迟到", "due_time": {"seconds": 1_700_000_000}})
    await rep.CreateTask(task={"display_name": "将来", "due_time": {"seconds": 4_000_000_000}})
    closed = await rep.CreateTask(task={"display_name": "完成", "due_time": {"seconds": 1_700_000_000}})
    await rep.CompleteTask(id=closed.id)
    wanted = 'owner_id = "me" AND due_time < now AND (state = OPEN OR state = IN_PROGRESS)'
    found = (await rep.ListTasks(filter=wanted, order_by="due_time")).tasks
    assert [one.id for one in found] == [late.id]
