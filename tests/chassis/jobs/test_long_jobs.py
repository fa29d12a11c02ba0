"""R27, P5's engine: a job of many pieces goes on where it was, holds its lease, and waits for room in the outbox."""

import asyncio

import pytest
from google.protobuf.struct_pb2 import Struct

from chassis.events import outbox
from chassis.jobs import jobs
from chassis.jobs.jobs import Job, kind_of
from tests.chassis.events.world import World, crew, until_sql
from tests.chassis.jobs.stories import PIECES, note, take_in
from tests.chassis.jobs.test_jobs import ENDED, a_runner, running, set_jobs

BULK_TOPIC = outbox.topic_of("source", outbox.BULK)


async def test_who_lost_the_lease_writes_nothing(world: World) -> None:
    inside, go_on = asyncio.Event(), asyncio.Event()
    turns = 0

    async def slow(job: Job, request: Struct) -> None:
        nonlocal turns
        turns += 1
        if turns == 1:
            inside.set()
            await go_on.wait()
        async with job.piece() as call:
            await note(call, job.id, f"turn {turns}")

    await set_jobs(world, slow)
    async with running(a_runner(world, [kind_of(slow)])):
        await inside.wait()
        await world.source_admin.execute("update job set due_time = now()")  # as if the first had been frozen
        await until_sql(world.source_admin, ENDED, 1)
        go_on.set()
        await asyncio.sleep(0.1)
    assert [r["word"] for r in await world.source_admin.fetch("select word from done")] == ["turn 2"]


async def test_a_long_job_killed_again_and_again_goes_on_where_it_was(world: World) -> None:
    await set_jobs(world, take_in)
    async with crew(world, "runner", "runner", crash="job_piece=0.2", deaths=5, LEASE="0.2") as deaths:
        await until_sql(world.source_admin, ENDED, 1)
        assert deaths() >= 1
    row = await world.source_admin.fetchrow(
        "select count(*), (select count(*) from outbox where lane = 1), (select failures from job) from done"
    )
    assert tuple(row or ()) == (PIECES, PIECES, 0)


async def test_the_lease_of_a_long_job_is_renewed_between_its_pieces(world: World) -> None:
    turns = 0

    async def download(job: Job, request: Struct) -> None:
        nonlocal turns
        turns += 1
        await asyncio.sleep(0.8)
        async with job.piece() as call:
            await note(call, job.id, "downloaded")

    await set_jobs(world, download)
    async with running(*(a_runner(world, [kind_of(download)], lease=0.3) for _ in range(2))):
        await until_sql(world.source_admin, ENDED, 1)
    assert turns == 1


async def test_bulk_work_waits_until_the_outbox_has_room(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "ROOM_SECONDS", 0.01)
    room = False
    asked_for_room = asyncio.Event()

    async def bulk_has_room(_: object) -> bool:
        asked_for_room.set()
        return room

    monkeypatch.setattr(jobs, "bulk_has_room", bulk_has_room)
    await set_jobs(world, take_in)
    async with running(a_runner(world)):
        await asyncio.wait_for(asked_for_room.wait(), 60)
        await asyncio.sleep(0.05)
        assert await world.source_admin.fetchval("select count(*) from done") == 0
        room = True
        await until_sql(world.source_admin, ENDED, 1)
    assert await world.source_admin.fetchval("select count(*) from outbox where topic = $1", BULK_TOPIC) == PIECES
