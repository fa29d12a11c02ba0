"""Two small services and what happens in them: `source` changes things, `target` writes down what it hears."""

import asyncio
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import asyncpg
import orjson
from google.protobuf.struct_pb2 import Struct

from chassis.access.caller import Caller
from chassis.call import Call, Means
from chassis.calls import Calls
from chassis.database.schema import schema_sql
from chassis.database.session import Database
from chassis.database.walls import roles_sql
from chassis.database.worker import Pool, open_pool
from chassis.events import outbox
from chassis.events.bus import Message, Record
from chassis.events.cloud_event import Event
from chassis.events.consumer import Consumer
from chassis.events.log_tables import METADATA as LOG_METADATA
from chassis.events.subscription import on
from chassis.ids import new_id
from tests.chassis.events.crew_tables import ADD_APPLIED, ALL, CHANGE, EVENT_GRANTS, GRANTS, KEEP_FACT

ROOT = Path(__file__).parents[3]
TENANT, OTHER_TENANT = UUID(int=1), UUID(int=2)
AGGREGATES = [uuid5(TENANT, str(n)) for n in range(20)]
TOPIC, BULK_TOPIC, GROUP = "kith.source.v1", "kith.source.bulk.v1", "kith.target"
TRACEPARENT = f"00-{'ab' * 16}-{'cd' * 8}-01"
DATABASES = ("source", "target", "events")
LEFT_OVER = "select pg_terminate_backend(pid, 5000) from pg_stat_activity where usename like 'crew%'"


@dataclass
class World:
    """Each service has its database as the app and as the worker sees it; `*_admin` is for looking, past all walls."""

    urls: dict[str, str]  # SOURCE, TARGET, EVENTS: as the superuser
    source: Calls
    target: Calls
    source_worker: Pool
    target_worker: Pool
    events: Pool
    source_admin: Pool
    target_admin: Pool

    def url(self, name: str, role: str) -> str:
        return as_role(self.urls[name], role)

    @property
    def consumer(self) -> Consumer:
        return Consumer(self.target, SUBSCRIPTIONS, first_wait_seconds=0.001)

    async def close(self) -> None:
        for database in (self.source.database, self.target.database):
            await database.close()
        for pool in (self.source_worker, self.target_worker, self.events, self.source_admin, self.target_admin):
            await pool.close()


def as_role(url: str, role: str) -> str:
    return f"postgresql://crew_{role}:{role}@{url.partition('@')[2]}"


async def prepare(server: str) -> None:
    """Once a server: roles and databases, which the tests of a run use one after the other."""
    roles = roles_sql("crew", {"owner": "owner", "app": "app", "worker": "worker"})
    await _run(f"{server}/postgres", roles, *(f"create database crew_{name}" for name in DATABASES))
    for name in DATABASES[:2]:
        await _run(f"{server}/crew_{name}", schema_sql(ALL) + GRANTS)
    await _run(f"{server}/crew_events", schema_sql([LOG_METADATA]) + EVENT_GRANTS)


async def create(server: str) -> World:
    """Emptied of what the test before left, processes included."""
    urls = {name.upper(): f"{server}/crew_{name}" for name in DATABASES}
    tables = ", ".join(name for metadata in ALL for name in metadata.tables)
    await _run(f"{server}/postgres", LEFT_OVER)
    for name in DATABASES[:2]:
        await _run(f"{server}/crew_{name}", f"truncate {tables} restart identity")
    await _run(f"{server}/crew_events", "truncate event_log, log_partition")
    world = World(
        urls,
        await calls_of("source", urls["SOURCE"]),
        await calls_of("target", urls["TARGET"]),
        await open_pool(as_role(urls["SOURCE"], "worker"), 4),
        await open_pool(as_role(urls["TARGET"], "worker"), 4),
        await open_pool(as_role(urls["EVENTS"], "worker"), 4),
        await open_pool(urls["SOURCE"], 2),
        await open_pool(urls["TARGET"], 2),
    )
    things = [(tenant, aggregate) for tenant in (TENANT, OTHER_TENANT) for aggregate in AGGREGATES]
    await world.source_admin.executemany("insert into thing values ($1, $2)", things)
    return world


async def calls_of(service: str, url: str, size: int = 6) -> Calls:
    return Calls(service, await Database.open(as_role(url, "app"), size), Means())


async def _run(url: str, *statements: str) -> None:
    connection = await asyncpg.connect(url)
    for statement in statements:
        await connection.execute(statement)
    await connection.close()


# What happens in `source`


async def change(
    calls: Calls,
    aggregate: UUID,
    verb: str = "changed",
    *,
    lane: int = outbox.INTERACTIVE,
    tenant: UUID = TENANT,
    slow: bool = False,
    payload: bytes | None = None,
) -> UUID:
    """One change as a verb makes it: the record's row first, then its event, one transaction."""
    event = new_id()
    async with calls.open(Caller.system(tenant, "source"), traceparent=TRACEPARENT, lane=lane) as call:
        await _dawdle(slow)
        (row,) = await call.session.fetch(CHANGE, {"tenant": tenant, "id_": aggregate})
        await publish(call, event, aggregate, f"kith.source.thing.{verb}.v1", row["sequence"], payload)
        await _dawdle(slow)
    return event


async def publish(
    call: Call, event: UUID, aggregate: UUID, type_: str, sequence: int, payload: bytes | None = None
) -> None:
    values: dict[str, object] = {
        "id": event,
        "lane": call.lane,
        "topic": outbox.topic_of(type_.split(".")[1], call.lane),
        "aggregatetype": "source.thing",
        "aggregateid": aggregate,
        "type": type_,
        "tenant_id": call.caller.tenant_id,
        "sequence": sequence,
        "headers": call.headers,
        "payload": words(f"{type_} {sequence}").SerializeToString() if payload is None else payload,
    }
    await call.session.fetch(outbox.ADD, values)


async def _dawdle(slow: bool) -> None:
    if slow and random.random() < 0.3:
        await asyncio.sleep(random.random() * 0.02)


def words(text: str) -> Struct:
    said = Struct()
    said.update({"word": text})
    return said


async def write_for(world: World, seconds: float, writers: int = 3) -> int:
    """Changes of random things from several tasks; how many."""
    end, made = time.monotonic() + seconds, 0

    async def writer() -> None:
        nonlocal made
        while time.monotonic() < end:
            await change(world.source, random.choice(AGGREGATES), slow=True)
            made += 1

    await asyncio.gather(*(writer() for _ in range(writers)))
    return made


# What `target` does when it hears


async def write_down(call: Call, said: Struct, event: Event) -> None:
    """The effect; its digest knows order and repetition."""
    named: dict[str, object] = {
        "tenant_id": call.caller.tenant_id,
        "event_id": event.id,
        "aggregate_id": event.aggregate_id,
        "sequence": event.sequence,
        "word": said["word"],
        "traceparent": call.traceparent,
    }
    await call.session.fetch(ADD_APPLIED, named)
    await call.session.fetch(KEEP_FACT, {**named, "digest": str(event.id)})


async def choke(call: Call, said: Struct, event: Event) -> None:
    await write_down(call, said, event)
    raise ValueError("nobody can digest this")


SUBSCRIPTIONS = [on("source.thing.changed", write_down), on("source.thing.broken", choke)]


async def verdict(world: World) -> tuple[int, int, int]:
    """(applied, applied twice, out of order within their record)"""
    row = await world.target_admin.fetchrow(
        "select count(*), count(*) - count(distinct event_id), (select count(*) from (select sequence -"
        " lag(sequence, 1, 0::bigint) over (partition by aggregate_id order by n) step from applied) s where step <> 1)"
        " from applied"
    )
    assert row is not None
    return tuple(row)


async def records(world: World, topic: str = TOPIC) -> list[Record]:
    """What the log holds, as a bus would bring it."""
    rows = await world.events.fetch('select * from event_log where topic = $1 order by partition, "offset"', topic)
    return [
        Record(Message(topic, r["key"], orjson.loads(r["headers"]), r["value"]), r["partition"], r["offset"])
        for r in rows
    ]


# Processes


@asynccontextmanager
async def crew(
    world: World,
    *roles: str,
    crash: str = "",
    deaths: int = 0,
    environ: Mapping[str, str] = {},  # nobody changes it
    **more: str,
) -> AsyncIterator[Callable[[], int]]:
    """Processes that work while the block runs, replaced when they die; yields how many have died so far.

    `crash` kills until each process has died `deaths` times and is disarmed then: what is left to do must not depend
    on how fast the survivors are.
    """
    env = {**os.environ, "KITH_CRASH": crash, "DEATHS": str(deaths), "PYTHONPATH": os.pathsep.join(sys.path)}
    env |= {**world.urls, **environ, **more}
    command = [sys.executable, "-m", "tests.chassis.events.actors"]
    opened: dict[str, Any] = {"cwd": ROOT, "env": env, "stderr": subprocess.PIPE, "text": True}
    actors = [
        subprocess.Popen([*command, role], start_new_session=True, **opened)  # noqa: ASYNC220  # it is quick
        for role in roles
    ]
    tallies = [0] * len(actors)

    async def count(n: int) -> None:
        stream = actors[n].stderr
        assert stream is not None
        while line := await asyncio.to_thread(stream.readline):
            if line.startswith("DIED"):
                tallies[n] += 1
            else:
                sys.stderr.write(line)

    counting = [asyncio.create_task(count(n)) for n in range(len(actors))]
    try:
        yield lambda: sum(tallies)
    finally:
        for actor in actors:
            os.killpg(actor.pid, signal.SIGKILL)  # the process and whoever it forked, so that nobody is left over
        for actor in actors:
            await asyncio.to_thread(actor.wait)
        await asyncio.gather(*counting)
        for actor in actors:
            if actor.stderr:
                actor.stderr.close()


async def until(true: Callable[[], Awaitable[bool]], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not await true():
        assert time.monotonic() < end, "not in time"
        await asyncio.sleep(0.02)


async def until_sql(pool: Pool, condition: str, *arguments: object, seconds: float = 60) -> None:
    async def true() -> bool:
        return bool(await pool.fetchval(condition, *arguments))

    await until(true, seconds)


async def until_waiting(pool: Pool) -> None:
    """Until somebody stands before a lock in this database."""
    await until_sql(
        pool,
        "select count(*) > 0 from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()",
    )
