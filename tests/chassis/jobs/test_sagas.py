"""R24, R25: a verb of several steps ends complete or undone, its effects once, whoever dies in between."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from google.protobuf.struct_pb2 import Struct

from chassis.access.caller import Caller
from chassis.call import Call
from chassis.errors import FailedPrecondition, Internal, NotFound, PermissionDenied, RequestIdReused, Unavailable
from chassis.jobs import saga as sagas
from chassis.jobs.saga import Saga, Step
from chassis.jobs.saga_steps import Asking
from chassis.jobs.saga_table import SagaState, state_of
from chassis.jobs.told import told, written
from tests.chassis.events.world import OTHER_TENANT, TENANT, World, crew, until_sql, until_waiting
from tests.chassis.jobs.stories import (
    BROKEN,
    CONVERT,
    DOOMED,
    NOTES,
    PERMISSION,
    REFUSED,
    BreakThingRequest,
    ConvertThingRequest,
    DoomThingRequest,
    NotWanted,
    RefuseThingRequest,
    account,
    ask,
    contact,
    deal,
    unmake,
    user,
)
from tests.chassis.jobs.test_jobs import a_runner, running

RECORD, OTHER_RECORD = str(UUID(int=100)), str(UUID(int=101))
ENDED = "select count(*) > 0 and bool_and(end_time is not null) from job"


async def _answer(world: World, saga: Saga, request: Any, caller: Caller | None = None) -> Any:
    return await saga.answer(world.source, caller or user(TENANT), PERMISSION, request)


async def _words(world: World) -> list[str]:
    return [row["word"] for row in await world.source_admin.fetch("select word from done order by n")]


async def _begun_and_left(world: World, saga: Saga, request: Any) -> None:
    """As if the process had died right after the saga began; its job is due at once."""
    caller = user(TENANT)

    async def who() -> Caller:
        return caller

    asking = Asking(world.source, who, PERMISSION, "", request)
    await saga._begin(asking, caller)
    await world.source_admin.execute("update job set due_time = now()")


POINTS = [f"saga_{where}_{step}" for step in ("contact", "ask", "deal") for where in ("before", "in", "after")]


@pytest.mark.parametrize("point", [*POINTS, "saga_after_remote_ask"])
async def test_a_saga_killed_anywhere_completes_once(world: World, point: str) -> None:
    await _begun_and_left(world, CONVERT, ConvertThingRequest(id=RECORD))
    async with crew(world, "runner", crash=f"{point}=1", deaths=2, LEASE="0.1") as deaths:
        await until_sql(world.source_admin, ENDED)
        assert deaths() >= 1
    row = await world.source_admin.fetchrow("select * from saga")
    assert row is not None
    assert (row["state"], row["steps_done"], row["request"]) == ("DONE", 4, b"")
    assert await _words(world) == ["account", "contact", "deal"]
    state = state_of(row)
    assert state.facts == {role: str(state.id_for(role)) for role in ("account", "contact", "ask", "deal")}


@pytest.mark.parametrize(
    "point", ["saga_before_refuse", "saga_before_account", "saga_in_account", "saga_after_account"]
)
async def test_a_refused_saga_killed_on_its_way_back_is_undone(world: World, point: str) -> None:
    await _begun_and_left(world, DOOMED, DoomThingRequest(id=RECORD))
    async with crew(world, "runner", crash=f"{point}=1", deaths=2, LEASE="0.1") as deaths:
        await until_sql(world.source_admin, ENDED)
        assert deaths() >= 1
    row = await world.source_admin.fetchrow("select state, steps_done, refusal->>'reason', held_id from saga")
    assert tuple(row or ()) == ("REFUSED", 0, "NOT_WANTED", None)
    assert await _words(world) == []


async def test_the_rpc_answers_in_line_and_a_repeat_answers_the_same(world: World) -> None:
    request = ConvertThingRequest(id=RECORD, request_id="r")
    first = await _answer(world, CONVERT, request)
    assert await _answer(world, CONVERT, request) == first
    assert await _answer(world, CONVERT, ConvertThingRequest(id=RECORD, request_id="other")) == first
    assert (first["id"], first["rows"]) == (RECORD, 3)
    assert await world.source_admin.fetchval("select count(*) from saga") == 1


async def test_a_hundred_twins_make_one(world: World) -> None:
    """R25"""
    request = ConvertThingRequest(id=RECORD, request_id="r")
    answers = await asyncio.gather(*(_answer(world, CONVERT, request) for _ in range(100)))
    assert {answer["id"] for answer in answers} == {RECORD}
    assert await _words(world) == ["account", "contact", "deal"]


async def test_a_twin_waits_for_the_one_that_begins(world: World) -> None:
    inside, go_on = asyncio.Event(), asyncio.Event()

    async def hesitate(call: Call, request: Any, saga: SagaState) -> None:
        inside.set()
        await go_on.wait()
        await account(call, request, saga)

    saga = Saga(ConvertThingRequest, steps=[Step(hesitate), Step(ask, remote=True)], answer=NOTES)
    request = ConvertThingRequest(id=RECORD, request_id="r")
    twins = [asyncio.create_task(_answer(world, saga, request))]
    await inside.wait()
    twins.append(asyncio.create_task(_answer(world, saga, request)))
    await until_waiting(world.source_admin)
    go_on.set()
    assert len({str(answer) for answer in await asyncio.gather(*twins)}) == 1
    assert await _words(world) == ["account"]


async def test_one_request_id_stands_for_one_request_for_a_day_and_for_one_principal(world: World) -> None:
    """R25"""
    await _answer(world, CONVERT, ConvertThingRequest(id=RECORD, request_id="r"))
    changed = ConvertThingRequest(id=OTHER_RECORD, request_id="r")
    with pytest.raises(RequestIdReused):
        await _answer(world, CONVERT, changed)
    assert (await _answer(world, CONVERT, changed, user(OTHER_TENANT)))["rows"] == 3
    await world.source_admin.execute("update saga set begin_time = begin_time - interval '25 hours'")
    assert (await _answer(world, CONVERT, changed))["rows"] == 6


async def test_a_refusal_at_once_leaves_nothing_behind(world: World) -> None:
    """S02"""
    with pytest.raises(NotWanted):
        await _answer(world, REFUSED, RefuseThingRequest(id=RECORD, request_id="r"))
    row = await world.source_admin.fetchrow("select (select count(*) from saga), (select count(*) from job)")
    assert tuple(row or ()) == (0, 0)


async def test_a_later_refusal_is_undone_told_whole_and_leaves_the_request_id_free(world: World) -> None:
    for _ in range(2):
        with pytest.raises(NotWanted, match="we do not want this") as told_so:
            await _answer(world, DOOMED, DoomThingRequest(id=RECORD, request_id="r"))
        assert (told_so.value.reason, told_so.value.fields) == ("NOT_WANTED", {"word": "is not wanted"})
        assert told_so.value.facts == {"word": "x"}
    assert await _words(world) == []
    assert await world.source_admin.fetchval("select count(*) from saga") == 2


async def test_the_deadline_leaves_the_rest_to_the_runner_and_a_repeat_joins_in(world: World) -> None:
    ready = asyncio.Event()

    async def slow(call: Call, request: Any, saga: SagaState) -> None:
        await ready.wait()

    saga = Saga(ConvertThingRequest, steps=[Step(account), Step(slow, remote=True), Step(deal)], answer=NOTES)
    request = ConvertThingRequest(id=RECORD, request_id="r")
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2):
            await _answer(world, saga, request)
    assert await world.source_admin.fetchval("select due_time <= clock_timestamp() from job")
    async with running(a_runner(world, [saga.kind])):
        joined = asyncio.create_task(_answer(world, saga, request))
        await until_sql(world.source_admin, "select attempts = 1 from job")
        ready.set()
        assert (await joined)["rows"] == 2
        await until_sql(world.source_admin, ENDED)
    assert await _words(world) == ["account", "deal"]


async def test_another_caller_waits_for_the_setters_saga_and_takes_none_of_its_steps(world: World) -> None:
    await _begun_and_left(world, CONVERT, ConvertThingRequest(id=RECORD))
    other = user(TENANT, UUID(int=9))
    async with running(a_runner(world)):
        assert (await _answer(world, CONVERT, ConvertThingRequest(id=RECORD), other))["rows"] == 3
    makers = await world.source_admin.fetch("select distinct user_id from done")
    assert [row["user_id"] for row in makers] == [user(TENANT).user_id]


async def test_whom_the_record_is_none_of_their_business_hears_nothing_of_its_saga(world: World) -> None:
    class Hidden:
        async def get(self, call: Call, id: str, *, deleted: bool = False) -> Struct:
            if call.caller.user_id != user(TENANT).user_id:
                raise NotFound("no such record")
            return Struct()

    saga = Saga(ConvertThingRequest, steps=[Step(account), Step(contact)], answer=Hidden(), once=True)
    await _begun_and_left(world, saga, ConvertThingRequest(id=RECORD))  # it runs, and nobody takes it on
    with pytest.raises(NotFound):
        async with asyncio.timeout(60):
            await _answer(world, saga, ConvertThingRequest(id=RECORD), user(TENANT, UUID(int=9)))


async def test_a_trial_runs_what_is_local_and_keeps_nothing(world: World) -> None:
    asked: list[str] = []

    async def call_out(call: Call, request: Any, saga: SagaState) -> None:
        asked.append("remote")

    steps = [Step(account), Step(contact), Step(call_out, remote=True), Step(deal)]
    saga = Saga(ConvertThingRequest, steps=steps, answer=NOTES)
    trial = ConvertThingRequest(id=RECORD, request_id="r", validate_only=True)
    assert (await _answer(world, saga, trial))["rows"] == 2
    assert asked == []
    row = await world.source_admin.fetchrow(
        "select (select count(*) from saga), (select count(*) from job), (select count(*) from done)"
    )
    assert tuple(row or ()) == (0, 0, 0)
    with pytest.raises(NotWanted):
        await _answer(world, REFUSED, RefuseThingRequest(id=RECORD, validate_only=True))


async def test_an_outage_is_told_and_the_runner_completes_it_later(world: World) -> None:
    outages = [Unavailable("contacts is away")]

    async def call_out(call: Call, request: Any, saga: SagaState) -> None:
        if outages:
            raise outages.pop()

    steps = [Step(account, undo=unmake), Step(call_out, remote=True), Step(deal)]
    saga = Saga(ConvertThingRequest, steps=steps, answer=NOTES)
    with pytest.raises(Unavailable):
        await _answer(world, saga, ConvertThingRequest(id=RECORD))
    async with running(a_runner(world, [saga.kind])):
        await until_sql(world.source_admin, ENDED)
    assert await _words(world) == ["account", "deal"]


async def test_a_setter_who_lost_the_right_half_way_has_it_undone_by_the_service(world: World) -> None:
    """S17, R24"""
    await _begun_and_left(world, DOOMED, DoomThingRequest(id=RECORD))

    async def withdrawn(tenant_id: UUID, user_id: UUID, api_key_id: UUID | None) -> Caller:
        raise PermissionDenied("no longer", permission=PERMISSION)

    runner = a_runner(world)
    runner._principals = withdrawn
    async with running(runner):
        await until_sql(world.source_admin, ENDED)
    row = await world.source_admin.fetchrow("select state, refusal->>'kind' from saga")
    assert tuple(row or ()) == ("REFUSED", "PermissionDenied")
    assert await _words(world) == []


async def test_a_saga_that_cannot_go_on_turns_back(world: World) -> None:
    """R24: never half-way for good."""
    await _begun_and_left(world, BROKEN, BreakThingRequest(id=RECORD))
    await world.source_admin.execute("update job set failures = $1", sagas.PATIENCE)
    async with running(a_runner(world)):
        await until_sql(world.source_admin, "select failures > $1 from job", sagas.PATIENCE)  # and so put off for long
        assert await world.source_admin.fetchval("select state from saga") == "UNDOING"
        await world.source_admin.execute("update job set due_time = now()")
        await until_sql(world.source_admin, ENDED)
    assert await world.source_admin.fetchval("select state from saga") == "REFUSED"
    assert await _words(world) == []


async def test_rpc_and_runner_side_by_side_take_each_step_once(world: World) -> None:
    saga = Saga(ConvertThingRequest, steps=[Step(account), Step(contact), Step(deal)], answer=NOTES)
    saga.lease = timedelta(0)
    async with running(*(a_runner(world, [saga.kind]) for _ in range(2))):
        requests = [ConvertThingRequest(id=str(UUID(int=n)), request_id="r") for n in range(200, 220)]
        await asyncio.gather(*(_answer(world, saga, request, user(TENANT, UUID(request.id))) for request in requests))
        await until_sql(world.source_admin, ENDED)
    assert await world.source_admin.fetchval("select count(*) = 60 and count(distinct id) = 60 from done")


def test_a_saga_that_begins_with_somebody_else_is_refused_at_start_up() -> None:
    with pytest.raises(TypeError, match="first step is local"):
        Saga(ConvertThingRequest, steps=[Step(ask, remote=True)], answer=NOTES)


def test_a_refusal_of_a_newer_release_keeps_its_kind_and_reason() -> None:
    values = written(FailedPrecondition("not now")) | {"reason": "NOT_BORN_YET"}
    refusal = told(values)
    assert isinstance(refusal, FailedPrecondition)
    assert (refusal.reason, str(refusal)) == ("NOT_BORN_YET", "not now")
    assert type(told(written(Internal("x")))) is Internal
