"""Takes a saga one step further, or one step back, side by side with anybody else who does."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from chassis.access.caller import Caller
from chassis.call import Call
from chassis.calls import Calls
from chassis.crash import crash_point
from chassis.database.session import Session
from chassis.errors import Refusal
from chassis.events.outage import is_outage
from chassis.jobs.saga_table import LOCK, UNDOING, SagaState, state_of

StepFunction = Callable[[Call, Any, SagaState], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Step:
    """`undo` is local or remote as the step is, acts for the service itself, and must not refuse."""

    function: StepFunction
    undo: StepFunction | None = None
    remote: bool = False

    @property
    def name(self) -> str:
        return self.function.__name__


@dataclass(frozen=True, slots=True)
class Asking:
    """Who wants what, on what grounds; `who` is asked before each step, since rights change."""

    calls: Calls
    who: Callable[[], Awaitable[Caller]]
    permission: str
    traceparent: str
    request: Any


@dataclass(frozen=True, slots=True)
class Steps:
    """The steps of one kind of saga; `once` as in `Saga`."""

    steps: Sequence[Step]
    once: bool

    async def advance(self, asking: Asking, state: SagaState) -> SagaState:
        """All that is left, the saga as it ended. Raises outages, and whatever a step raises that is no refusal."""
        while not state.ended:
            state = await self._next(asking, state)
        return state

    async def take(self, call: Call, request: Any, state: SagaState) -> SagaState:
        """The next local step inside a transaction that has the saga's row."""
        await self.steps[state.steps_done].function(call, request, state)
        return await self._counted(call.session, state)

    async def turn_back(self, asking: Asking, state: SagaState, refusal: Refusal) -> SagaState:
        async with asking.calls.open(self._system(asking, state), traceparent=asking.traceparent) as call:
            now = await _locked(call.session, state)
            if now.place != state.place:
                return now
            moved = now.turned_back(refusal)
            await moved.save(call.session, self.once)
        return moved

    async def _next(self, asking: Asking, state: SagaState) -> SagaState:
        undoing = state.state == UNDOING
        step = self.steps[state.steps_done - 1 if undoing else state.steps_done]
        crash_point(f"saga_before_{step.name}")
        try:
            moved = await (self._remote if step.remote else self._local)(asking, state, step)
        except Refusal as refusal:
            if undoing or is_outage(refusal):
                raise  # a compensation that refuses is a fault: the job runner tries again, then somebody is told
            return await self.turn_back(asking, state, refusal)
        crash_point(f"saga_after_{step.name}")
        return moved

    async def _local(self, asking: Asking, state: SagaState, step: Step) -> SagaState:
        caller, permission = await self._actor(asking, state)
        async with asking.calls.open(caller, permission, asking.traceparent) as call:
            now = await _locked(call.session, state)
            if now.place != state.place:
                return now  # somebody else was here
            if work := _work(step, now):
                await work(call, asking.request, now)
            moved = await self._counted(call.session, now)
            crash_point(f"saga_in_{step.name}")
        return moved

    async def _remote(self, asking: Asking, state: SagaState, step: Step) -> SagaState:
        caller, permission = await self._actor(asking, state)
        if work := _work(step, state):
            async with asking.calls.without_transaction(caller, permission, asking.traceparent) as call:
                await work(call, asking.request, state)
            crash_point(f"saga_after_remote_{step.name}")
        async with asking.calls.open(caller, permission, asking.traceparent) as call:
            now = await _locked(call.session, state)
            if now.place != state.place:
                return now
            now.facts = state.facts
            moved = await self._counted(call.session, now)
            crash_point(f"saga_in_{step.name}")
        return moved

    async def _counted(self, session: Session, state: SagaState) -> SagaState:
        moved = state.one_done(len(self.steps))
        await moved.save(session, self.once)
        return moved

    async def _actor(self, asking: Asking, state: SagaState) -> tuple[Caller, str]:
        """Undoing is the service's own duty, also where the setter has lost the right meanwhile."""
        if state.state == UNDOING:
            return self._system(asking, state), ""
        return await asking.who(), asking.permission

    def _system(self, asking: Asking, state: SagaState) -> Caller:
        return Caller.system(state.tenant_id, asking.calls.service)


def _work(step: Step, state: SagaState) -> StepFunction | None:
    return step.undo if state.state == UNDOING else step.function


async def _locked(session: Session, state: SagaState) -> SagaState:
    (row,) = await session.fetch(LOCK, {"id_": state.id})
    return state_of(row)
