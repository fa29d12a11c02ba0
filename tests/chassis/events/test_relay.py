"""One relay works, a failing key holds back only itself, and what somebody waits for goes first."""

import asyncio
from collections.abc import Sequence

import pytest

from chassis.events import outbox, relay
from chassis.events.bus import Message, Receive, Record
from chassis.events.outbox import BULK, bulk_has_room
from chassis.events.relay import Relay
from tests.chassis.events.world import AGGREGATES, BULK_TOPIC, TENANT, TOPIC, World, change, until, until_sql

EMPTY = "select count(*) = 0 from outbox"


class Refusing:
    """A bus that takes nothing of one key, as a broker does that finds a message too large."""

    def __init__(self, key: str = "") -> None:
        self.key, self.taken = key, list[Message]()

    async def publish(self, batch: Sequence[Message]) -> Sequence[Exception | None]:
        await asyncio.sleep(0.001)
        self.taken += [message for message in batch if message.key != self.key]
        return [ValueError("too large") if message.key == self.key else None for message in batch]

    async def consume(self, group: str, topics: Sequence[str], receive: Receive) -> None:
        raise AssertionError("a relay never reads")

    async def read(self, topics: Sequence[str]) -> Sequence[Record]:
        raise AssertionError("a relay never reads")

    async def close(self) -> None: ...


def _relay(world: World, bus: Refusing) -> Relay:
    return Relay(world.url("SOURCE", "worker"), world.source_worker, bus)


async def test_a_failing_key_holds_back_itself_and_nobody_else(world: World) -> None:
    bad, good = AGGREGATES[:2]
    bus = Refusing(str(bad))
    carrier = _relay(world, bus)
    for aggregate in (bad, good, bad, good):
        await change(world.source, aggregate)
    assert await carrier.carry() == 2
    assert await carrier.carry() == 0
    bus.key = ""
    carrier._blocked.clear()  # a second later
    assert await carrier.carry() == 2
    sequences = [(m.key, m.headers["ce_sequence"]) for m in bus.taken]
    assert sequences == [(str(good), "1"), (str(good), "2"), (str(bad), "1"), (str(bad), "2")]


async def test_a_batch_of_large_events_is_short(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """R04: what waits does not have to fit into memory at once."""
    monkeypatch.setattr(relay, "BATCH_BYTES", 250)
    for n in range(6):
        await change(world.source, AGGREGATES[n], payload=b"x" * 100)
    carrier = _relay(world, Refusing())
    assert [await carrier.carry() for _ in range(3)] == [3, 3, 0]
    monkeypatch.setattr(relay, "BATCH_BYTES", 1)
    await change(world.source, AGGREGATES[0], payload=b"x" * 1000)
    assert await carrier.carry() == 1


async def test_a_heap_of_blocked_rows_does_not_hide_the_others(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relay, "BATCH", 2)
    bad, good = AGGREGATES[:2]
    carrier = _relay(world, Refusing(str(bad)))
    for aggregate in (bad, bad, bad, good):
        await change(world.source, aggregate)
    assert await carrier.carry() == 0
    assert await carrier.carry() == 1


async def test_bulk_waits_for_what_somebody_waits_for_and_has_a_topic_of_its_own(world: World) -> None:
    bus = Refusing()
    await change(world.source, AGGREGATES[0], lane=BULK)
    await change(world.source, AGGREGATES[1])
    await _relay(world, bus).carry()
    assert [(m.topic, m.key) for m in bus.taken] == [(TOPIC, str(AGGREGATES[1])), (BULK_TOPIC, str(AGGREGATES[0]))]


async def test_lanes_let_a_hand_overtake_an_import_of_the_same_record(world: World) -> None:
    """Why readers must be told: within a lane order is kept, between lanes it cannot be."""
    bus = Refusing()
    await change(world.source, AGGREGATES[0], lane=BULK)
    await change(world.source, AGGREGATES[0])
    await _relay(world, bus).carry()
    assert [m.headers["ce_sequence"] for m in bus.taken] == ["2", "1"]


async def test_of_two_relays_one_works_and_the_other_takes_over(world: World) -> None:
    buses = Refusing(), Refusing()
    tasks = []
    for bus in buses:
        tasks.append(asyncio.create_task(_relay(world, bus).run()))
        await until_sql(world.source_admin, _LOCKED)
    for n in range(40):
        await change(world.source, AGGREGATES[n % 20])
    await until_sql(world.source_admin, EMPTY)
    assert [len(bus.taken) for bus in buses] == [40, 0]
    tasks[0].cancel()
    await change(world.source, AGGREGATES[0])
    await until_sql(world.source_admin, EMPTY)
    assert [len(bus.taken) for bus in buses] == [40, 1]
    tasks[1].cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


_LOCKED = (
    "select count(*) = 1 from pg_locks where locktype = 'advisory' and objsubid = 1 and granted"
    " and database = (select oid from pg_database where datname = current_database())"
)


async def test_a_commit_in_this_process_need_not_wait_for_the_poll(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay, "IDLE_SECONDS", 60.0)
    bus = Refusing()
    carrier = _relay(world, bus)
    working = asyncio.create_task(carrier.run())
    await until_sql(world.source_admin, _LOCKED)
    await change(world.source, AGGREGATES[0])
    carrier.wake()

    async def taken() -> bool:
        return len(bus.taken) == 1

    await until(taken, 5)
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)


async def test_depth_and_age_are_told(world: World) -> None:
    carrier = _relay(world, Refusing())
    assert await carrier.depth() == relay.Depth(0, 0.0)
    for _ in range(2):
        await change(world.source, AGGREGATES[0])
    await world.source_admin.execute("update outbox set time = time - interval '1 hour' where sequence = 1")
    depth = await carrier.depth()
    assert (depth.rows, round(depth.age_seconds / 60)) == (2, 60)


async def test_bulk_has_room_up_to_its_limit_and_others_do_not_count(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = world.source.database.session(TENANT)
    filling = (
        "insert into outbox (lane, topic, id, aggregatetype, aggregateid, type, tenant_id, sequence, payload)"
        " select $1, 't', gen_random_uuid(), 'a', gen_random_uuid(), 't', gen_random_uuid(), 1, '' from"
        " generate_series(1, $2::int)"
    )
    await world.source_admin.execute(filling, outbox.INTERACTIVE, 30_000)
    await world.source_admin.execute(filling, BULK, 20_000)
    at_its_limit = await bulk_has_room(session)
    await world.source_admin.execute(filling, BULK, 1)
    above = await bulk_has_room(session)
    await session.finish(commit=False)
    assert (at_its_limit, above) == (True, False)
