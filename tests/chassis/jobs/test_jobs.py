"""R27: work set for later happens once, with its setter's rights, whoever is killed wherever."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from google.protobuf.struct_pb2 import Struct

from chassis import clock
from chassis.access.caller import Caller
from chassis.call import Call
from chassis.errors import TenantSuspended, Unauthenticated, Unavailable
from chassis.ids import new_id
from chassis.jobs.job_table import RENEW
from chassis.jobs.jobs import Job, Kind, given_up, kind_of, schedule
from chassis.jobs.runner import FAILURES, SILENCES, Runner
from tests.chassis.events.world import TENANT, TRACEPARENT, World, crew, until, until_sql, until_waiting
from tests.chassis.jobs.stories import (
    DISABLED,
    KINDS,
    PERMISSION,
    USER,
    fire,
    note,
    principals,
    stumble,
    take_in,
    user,
)

ENDED = "select count(*) = $1 from job where end_time is not null"


def asked(id: UUID) -> Struct:
    request = Struct()
    request.update({"id": str(id)})
    return request


async def set_jobs(world: World, function: Any, *, number: int = 1, setter: Caller | None = None) -> list[UUID]:
    ids = [new_id() for _ in range(number)]
    async with world.source.open(setter or user(TENANT), PERMISSION, TRACEPARENT) as call:
        for n, id in enumerate(ids):
            await schedule(call, function, asked(id), clock.now() + timedelta(milliseconds=n), id)
    return ids


def a_runner(world: World, kinds: Sequence[Kind] = KINDS, lease: float = 30, **more: Any) -> Runner:
    return Runner(world.source, world.source_worker, principals, kinds, timedelta(seconds=lease), **more)


@asynccontextmanager
async def running(*runners: Runner) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(runner.run()) for runner in runners]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@pytest.mark.parametrize("crash", ["job_after_claim=0.2", "job_before_commit=0.05", "job_after_commit=0.05"])
async def test_timers_fire_once_each_however_often_their_runners_are_killed(world: World, crash: str) -> None:
    await set_jobs(world, fire, number=300)
    async with crew(world, "runner", "runner", "runner", crash=crash, deaths=4, LEASE="0.3") as deaths:
        await until_sql(world.source_admin, ENDED, 300)
        assert deaths() >= 4
    row = await world.source_admin.fetchrow("select count(*), count(distinct id) from done")
    assert tuple(row or ()) == (300, 300)


async def test_due_timers_fire_within_five_seconds(world: World) -> None:
    await set_jobs(world, fire, number=1000)
    async with crew(world, "runner", "runner"):
        await until_sql(world.source_admin, ENDED, 1000)
    late = "select max(end_time) - min(end_time) < interval '5 seconds' from job"
    assert await world.source_admin.fetchval(late)


async def test_a_job_set_twice_is_one_and_one_rolled_back_is_none(world: World) -> None:
    id = new_id()
    with pytest.raises(ZeroDivisionError):
        await _set_and_fail(world, id)
    assert await world.source_admin.fetchval("select count(*) from job") == 0
    for _ in range(2):
        async with world.source.open(user(TENANT), PERMISSION) as call:
            await call.schedule(fire, asked(id), id=id)
    assert await world.source_admin.fetchval("select count(*) from job") == 1


async def _set_and_fail(world: World, id: UUID) -> None:
    async with world.source.open(user(TENANT), PERMISSION) as call:
        await schedule(call, fire, asked(id))
        raise ZeroDivisionError


async def test_a_job_acts_as_its_setter_and_goes_on_in_the_same_trace(world: World) -> None:
    heard: list[tuple[Caller, str, str]] = []

    async def listen(call: Call, request: Struct) -> None:
        heard.append((call.caller, call.permission, call.traceparent))

    await set_jobs(world, listen)
    await set_jobs(world, listen, setter=Caller.system(TENANT, "source"))
    async with running(a_runner(world, [kind_of(listen)])):
        await until_sql(world.source_admin, ENDED, 2)
    assert {(c.user_id, p, t) for c, p, t in heard} == {  # two that are due at once may run in any order
        (USER, PERMISSION, TRACEPARENT),
        (Caller.system(TENANT, "source").user_id, PERMISSION, TRACEPARENT),
    }


@pytest.mark.parametrize(
    "setter", [Caller(TENANT, DISABLED, {}), Caller(TENANT, UUID(int=9), {})], ids=["disabled", "right_withdrawn"]
)
async def test_a_job_whose_setter_may_no_longer_is_given_up_and_says_why(world: World, setter: Caller) -> None:
    """S17"""

    async def of_now(tenant_id: UUID, user_id: UUID, api_key_id: UUID | None) -> Caller:
        return await principals(tenant_id, user_id) if user_id == DISABLED else setter

    await set_jobs(world, fire, setter=setter)
    runner = Runner(world.source, world.source_worker, of_now, KINDS)
    async with running(runner):
        await until_sql(world.source_admin, ENDED, 1)
    assert "PermissionDenied" in await world.source_admin.fetchval("select failure from job")
    assert await world.source_admin.fetchval("select count(*) from done") == 0


async def test_what_a_program_set_is_done_only_while_its_key_is_good(world: World) -> None:
    """S17: the key travels with the job; a user's own jobs have none."""
    asked: list[UUID | None] = []
    ended, good = UUID(int=7), UUID(int=8)

    async def of_now(tenant_id: UUID, user_id: UUID, api_key_id: UUID | None) -> Caller:
        asked.append(api_key_id)
        if api_key_id == ended:
            raise Unauthenticated("this API key has ended")
        return replace(user(tenant_id), api_key_id=api_key_id)

    for key in (ended, good, None):
        await set_jobs(world, fire, setter=replace(user(TENANT), api_key_id=key))
    async with running(Runner(world.source, world.source_worker, of_now, KINDS)):
        await until_sql(world.source_admin, ENDED, 3)
    assert {*asked} == {ended, good, None}
    assert "has ended" in await world.source_admin.fetchval("select failure from job where api_key_id = $1", ended)
    assert await world.source_admin.fetchval("select count(*) from done") == 2


async def test_a_failing_job_is_put_off_ever_longer_and_given_up_with_its_failure(world: World) -> None:
    await set_jobs(world, stumble)
    runner = a_runner(world, lease=3600)
    wait = "select failures = $1 and due_time - clock_timestamp() between $2 and $3 from job"
    await world.source_admin.execute("update job set failures = 5")  # the first waits are too short to be looked at
    async with running(runner):
        for failures, seconds in ((6, 32), (7, 64), (8, 128)):
            bounds = timedelta(seconds=seconds / 2), timedelta(seconds=seconds)
            await until_sql(world.source_admin, wait, failures, *bounds)
            await world.source_admin.execute("update job set due_time = now()")
        await until_sql(world.source_admin, "select failures = 9 from job")
        await world.source_admin.execute("update job set failures = $1, due_time = now()", FAILURES - 1)
        await until_sql(world.source_admin, ENDED, 1)
    assert await world.source_admin.fetchval("select failure from job") == "ValueError('no')"
    assert await world.source_admin.fetchval("select count(*) from done") == 0
    assert runner.given_up == 1


async def test_an_outage_costs_a_job_no_attempt(world: World) -> None:
    outages: list[Exception] = [Unavailable("away"), OSError("cut"), TimeoutError()]

    async def struggle(call: Call, request: Struct) -> None:
        await note(call, new_id(), "struggled")
        if outages:
            raise outages.pop()

    await set_jobs(world, struggle)
    async with running(a_runner(world, [kind_of(struggle)])):
        while outages:
            await world.source_admin.execute("update job set due_time = now() where due_time < now() + interval '9 s'")
            await asyncio.sleep(0.05)
        await world.source_admin.execute("update job set due_time = now() where due_time < now() + interval '9 s'")
        await until_sql(world.source_admin, ENDED, 1)
    row = await world.source_admin.fetchrow("select failures, failure, (select count(*) from done) from job")
    assert tuple(row or ()) == (0, "", 1)


async def test_a_job_that_takes_its_process_with_it_is_given_up(world: World) -> None:
    await set_jobs(world, fire)
    await world.source_admin.execute("update job set silences = $1", SILENCES)
    async with running(a_runner(world)):
        await until_sql(world.source_admin, ENDED, 1)
    assert "lost under it" in await world.source_admin.fetchval("select failure from job")


async def test_the_row_is_the_lock_so_an_expired_lease_waits_for_the_one_inside(world: World) -> None:
    """The effect's transaction takes the job's row first: of two runners only one is inside."""
    (id,) = await set_jobs(world, fire)
    await world.source_admin.execute("update job set attempts = 1")
    values = dict(await world.source_admin.fetchrow("select * from job") or {})
    names = [name for name in Job.__slots__ if name in values]
    job = Job(**{n: values[n] for n in names}, calls=world.source, principals=principals, lease=timedelta(seconds=30))
    async with job.hold(RENEW) as call:
        rival = asyncio.create_task(_second(job))
        await until_waiting(world.source_admin)
        await note(call, id, "first")
    await rival
    assert [r["word"] for r in await world.source_admin.fetch("select word from done order by n")] == [
        "first",
        "second",
    ]


async def _second(job: Job) -> None:
    async with job.hold(RENEW) as call:
        await note(call, job.id, "second")


async def test_a_stopped_runner_leaves_its_work_to_others_at_once(world: World) -> None:
    inside = asyncio.Event()

    async def hang(call: Call, request: Struct) -> None:
        await note(call, new_id(), "half")
        inside.set()
        await asyncio.sleep(60)

    await set_jobs(world, hang)
    async with running(a_runner(world, [kind_of(hang)], lease=3600)):
        await inside.wait()
    row = await world.source_admin.fetchrow(
        "select due_time <= clock_timestamp(), failures, silences, end_time, (select count(*) from done) from job"
    )
    assert tuple(row or ()) == (True, 0, 0, None, 0)


async def test_a_kind_this_release_does_not_know_is_left_to_one_that_does(world: World) -> None:
    await set_jobs(world, take_in)
    await set_jobs(world, fire)
    async with running(a_runner(world, [kind_of(fire)])):
        await until_sql(world.source_admin, ENDED, 1)
    assert await world.source_admin.fetchval("select attempts from job where kind = 'take_in'") == 0


async def test_a_commit_in_this_process_need_not_wait_for_the_poll(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chassis.jobs.runner.POLL_SECONDS", 60.0)
    runner = a_runner(world)
    async with running(runner):
        await asyncio.sleep(0.1)
        await set_jobs(world, fire)
        await asyncio.sleep(0.01)  # due
        runner.wake()

        async def done() -> bool:
            return runner.done == 1

        await until(done, 5)


async def _unannotated(call: Call, request) -> None: ...  # type: ignore[no-untyped-def]  # what is tested


async def _of_three(call: Call, request: Struct, more: int) -> None: ...


@pytest.mark.parametrize("function", [_unannotated, _of_three])
def test_a_function_that_cannot_be_a_job_is_refused_at_start_up(function: Any) -> None:
    with pytest.raises(TypeError):
        kind_of(function)


async def test_two_jobs_of_one_name_are_refused_at_start_up(world: World) -> None:
    with pytest.raises(TypeError, match="two jobs of one name"):
        a_runner(world, [kind_of(fire), kind_of(fire)])


async def test_whoever_waits_for_a_job_is_told_when_it_is_given_up(world: World) -> None:
    """In the same transaction, as the service; and what is told fails, it is given up all the same."""
    heard: list[tuple[str, bool]] = []

    async def tell(call: Call, request: Struct, why: str) -> None:
        await note(call, UUID(str(request["id"])), "told")
        heard.append((why, call.caller.is_service))
        if len(heard) == 2:
            raise ValueError("told in vain")

    @given_up(tell)
    async def sulk(call: Call, request: Struct) -> None:
        raise ZeroDivisionError("a secret")

    (first,) = await set_jobs(world, sulk)
    await world.source_admin.execute("update job set failures = $1", FAILURES - 1)
    async with running(a_runner(world, [kind_of(sulk)])):
        await until_sql(world.source_admin, ENDED, 1)
        assert heard == [(f"something broke on our side (job {first})", True)]
        assert await world.source_admin.fetchval("select count(*) from done") == 1
        await set_jobs(world, sulk)
        await world.source_admin.execute("update job set failures = $1 where end_time is null", FAILURES - 1)
        await world.source_admin.execute("update job set due_time = now() where end_time is null")
        await until_sql(world.source_admin, ENDED, 2)
    assert await world.source_admin.fetchval("select count(*) from done") == 1


@pytest.mark.parametrize("by", ["a user", "the service"])
async def test_a_suspended_tenants_work_waits_and_is_done_once_it_is_resumed(
    world: World, monkeypatch: pytest.MonkeyPatch, by: str
) -> None:
    """ID-21: not given up, as what somebody lost the right to is, and no attempt is counted."""
    monkeypatch.setattr("chassis.jobs.runner.LONGEST_OUTAGE_SECONDS", 0.05)
    monkeypatch.setattr("chassis.jobs.runner.FAILURES", 1)
    suspended, asked_for = True, 0
    service = Caller.system(TENANT, world.source.service)

    async def identity(tenant_id: UUID, user_id: UUID, api_key_id: UUID | None = None) -> Caller:
        nonlocal asked_for
        asked_for += 1
        if user_id == service.user_id:  # a service is told to wait, everybody else is kept out
            return replace(service, suspended=suspended)
        if suspended:
            raise TenantSuspended("this tenant is suspended")
        return user(tenant_id, user_id)

    async def put_off_twice() -> bool:
        return asked_for >= 3

    calls = replace(world.source, means=replace(world.source.means, known_by=identity))
    await set_jobs(world, fire, setter=service if by == "the service" else None)
    runner = Runner(calls, world.source_worker, identity, KINDS, timedelta(seconds=30))
    async with running(runner):
        await until(put_off_twice)
        assert (
            await world.source_admin.fetchval("select count(*) from job where end_time is null and failures = 0") == 1
        )
        assert runner.given_up == 0
        suspended = False
        await until_sql(world.source_admin, ENDED, 1)
    assert (runner.done, runner.failed, runner.given_up) == (1, 0, 0)
