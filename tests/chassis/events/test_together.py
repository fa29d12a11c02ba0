"""Many events share a commit, as many as are quick, and leave room for whoever else works there."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid5

import asyncpg
import orjson
import pytest
from google.protobuf.struct_pb2 import Struct

from chassis.call import Call
from chassis.errors import StaleEtag
from chassis.events import consumer as consumer_module
from chassis.events.bus import Message, Record
from chassis.events.cloud_event import Event, message_of
from chassis.events.consumer import AT_ONCE
from chassis.events.outbox import BULK, INTERACTIVE
from chassis.events.subscription import Heard, on, on_many
from tests.chassis.events.reading import published, records_by_key, taking
from tests.chassis.events.world import (
    AGGREGATES,
    BULK_TOPIC,
    OTHER_TENANT,
    TENANT,
    TOPIC,
    TRACEPARENT,
    World,
    change,
    records,
    until,
    verdict,
    write_down,
)

OTHER_TRACE = f"00-{'12' * 16}-{'34' * 8}-01"


async def test_many_share_a_commit_and_one_that_cannot_be_digested_spoils_it_for_none(world: World) -> None:
    """R07: of the others each is applied once, in order, though the first try of all was undone."""
    for n in range(30):
        await change(world.source, AGGREGATES[n % 3], "broken" if n == 13 else "changed")
    await change(world.source, AGGREGATES[3], tenant=OTHER_TENANT)
    consumer = world.consumer
    for _, some in records_by_key(await published(world)):
        await consumer(some)
    assert consumer.counts == {"buried": 1, "retried": 4}
    assert (await verdict(world))[:2] == (30, 0)
    applied = await world.target_admin.fetch("select aggregate_id, sequence from applied order by n")
    for aggregate in AGGREGATES[:3]:
        sequences = [row["sequence"] for row in applied if row["aggregate_id"] == aggregate]
        assert sequences == [n for n in range(1, 11) if (aggregate, n) != (AGGREGATES[1], 5)]


async def test_fewer_share_a_commit_when_it_takes_long_and_more_when_it_does_not(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumer_module, "LONGEST_TOGETHER_SECONDS", 0.0)
    for _ in range(30):
        await change(world.source, AGGREGATES[0])
    found, consumer = await published(world), world.consumer
    await consumer(found)
    sizes = [row[0] for row in await world.target_admin.fetch(TOGETHER)]
    assert (sizes, await verdict(world)) == ([16, 8, 4, 2], (30, 0, 0))
    monkeypatch.setattr(consumer_module, "LONGEST_TOGETHER_SECONDS", 1000.0)
    await world.target_admin.execute("truncate applied, inbox")
    await consumer(found)
    assert [row[0] for row in await world.target_admin.fetch(TOGETHER)] == [2, 4, 8, 16]


async def test_after_a_knot_each_event_is_applied_by_itself_for_a_while(world: World) -> None:
    knots = [StaleEtag("retry")]
    knots[0].__cause__ = asyncpg.DeadlockDetectedError("met")

    async def meet(call: Call, said: Struct, event: Event) -> None:
        await write_down(call, said, event)
        if knots:
            raise knots.pop()

    for _ in range(20):
        await change(world.source, AGGREGATES[0])
    consumer = taking(world, on("source.thing.changed", meet))
    await consumer(await published(world))
    assert [row[0] for row in await world.target_admin.fetch(TOGETHER)] == [1] * 20
    assert (await verdict(world), consumer.counts["retried"]) == ((20, 0, 0), 0)


async def test_who_wants_many_is_told_what_is_of_one_type_and_as_many_records(world: World) -> None:
    told, traces = list[list[tuple[UUID, int]]](), list[str]()

    async def take(call: Call, heard: Sequence[Heard[Struct]]) -> None:
        told.append([(event.aggregate_id, event.sequence) for _, event in heard])
        traces.append(call.traceparent)

    first, second, third = AGGREGATES[:3]
    events = [
        said(first, 1), said(second, 1), said(first, 2),  # a record again
        said(second, 2, verb="broken"),  # that nobody wants is not in between
        said(third, 2), said(second, 3, OTHER_TRACE), said(first, 3, OTHER_TRACE),
    ]  # fmt: skip
    consumer = taking(world, on_many("source.thing.changed", take))
    await consumer([Record(message, 0, offset) for offset, message in enumerate(events)])
    assert told == [[(first, 1), (second, 1)], [(first, 2), (third, 2), (second, 3)], [(first, 3)]]
    assert [trace[3:35] for trace in traces] == [TRACEPARENT[3:35]] * 2 + [OTHER_TRACE[3:35]]
    await consumer([Record(events[0], 0, 0), Record(said(third, 3), 0, len(events))])
    assert told[3:] == [[(third, 3)]]


def said(aggregate: UUID, sequence: int, trace: str = TRACEPARENT, verb: str = "changed") -> Message:
    row: Any = {
        "id": uuid5(aggregate, f"{verb}{sequence}"),
        "type": f"kith.source.thing.{verb}.v1",
        "aggregatetype": "source.thing",
        "aggregateid": aggregate,
        "time": datetime.now(UTC),
        "tenant_id": TENANT,
        "sequence": sequence,
        "headers": orjson.dumps({"traceparent": trace}),
        "topic": TOPIC,
        "payload": b"",
    }
    return message_of(row)


async def test_an_import_leaves_connections_to_those_who_wait(world: World) -> None:
    """R20: of many partitions only some are at work at once, fewer of bulk work, and neither waits for the other."""
    begun, go_on = list[int](), asyncio.Event()

    async def dawdle(call: Call, said: Struct) -> None:
        begun.append(call.lane)
        await go_on.wait()

    for n, aggregate in enumerate(AGGREGATES):  # two of one record would wait for each other
        await change(world.source, aggregate, lane=BULK if n % 2 else INTERACTIVE)
    consumer = taking(world, on("source.thing.changed", dawdle))
    found = [*await published(world), *await records(world, BULK_TOPIC)]
    places = {(record.message.topic, record.partition) for record in found}
    by_place = [[r for r in found if (r.message.topic, r.partition) == place] for place in sorted(places)]
    tasks = [asyncio.create_task(consumer(some[:1])) for some in by_place]

    async def all_begun() -> bool:
        return len(begun) == sum(AT_ONCE.values())

    try:
        await until(all_begun)
        await asyncio.sleep(0.1)
        assert Counter(begun) == AT_ONCE
    finally:
        go_on.set()
        await asyncio.gather(*tasks)
    assert len(begun) == len(places)


TOGETHER = "select count(*) from applied group by xmin order by min(n)"


async def test_many_of_one_tenant_are_one_transaction(world: World) -> None:
    for n in range(20):
        await change(world.source, AGGREGATES[0], tenant=TENANT if n < 12 else OTHER_TENANT)
    await world.consumer(await published(world))
    commits = await world.target_admin.fetchval("select count(distinct xmin::text) from applied")
    assert (commits, (await verdict(world))[:2]) == (2, (20, 0))
