"""A consumer takes each event in once, in its tenant, with all it sets in motion; what it cannot digest it buries."""

import asyncio
import random
from collections import Counter
from typing import Any

import asyncpg
import orjson
import pytest
from google.protobuf.struct_pb2 import Struct
from sqlalchemy import select

from chassis.call import Call
from chassis.database.statement import Statement
from chassis.errors import StaleEtag, Unavailable
from chassis.events import consumer as consumer_module
from chassis.events.bus import Message, Record
from chassis.events.cloud_event import Event
from chassis.events.consumer import AT_ONCE, Consumer
from chassis.events.outage import is_outage
from chassis.events.outbox import BULK, INTERACTIVE
from chassis.events.postgres_log import PostgresLog
from chassis.events.relay import Relay
from chassis.events.subscription import Subscription, on
from chassis.ids import new_id
from tests.chassis.events.crew_tables import APPLIED
from tests.chassis.events.world import (
    AGGREGATES,
    BULK_TOPIC,
    GROUP,
    OTHER_TENANT,
    TENANT,
    TOPIC,
    TRACEPARENT,
    World,
    change,
    publish,
    records,
    records_by_key,
    until,
    until_waiting,
    verdict,
    write_down,
)
from tests.chassis.jobs.stories import fire


async def _published(world: World, topic: str = TOPIC) -> list[Record]:
    await Relay(world.url("SOURCE", "worker"), world.source_worker, PostgresLog(world.events)).carry()
    return await records(world, topic)


def _taking(world: World, *subscriptions: Subscription) -> Consumer:
    return Consumer(world.target, subscriptions, first_wait_seconds=0.001)


async def test_three_deliveries_shuffled_across_records_apply_once(world: World) -> None:
    """R19"""
    for _ in range(3):
        for aggregate in AGGREGATES[:5]:
            await change(world.source, aggregate)
    found = await _published(world)
    keys = sorted({record.message.key for record in found})
    for _ in range(3):
        for key in random.sample(keys, len(keys)):
            for record in found:
                if record.message.key == key:
                    await world.consumer([record])
    assert await verdict(world) == (15, 0, 0)


async def test_many_share_a_commit_and_one_that_cannot_be_digested_spoils_it_for_none(world: World) -> None:
    """R07: of the others each is applied once, in order, though the first try of all was undone."""
    for n in range(30):
        await change(world.source, AGGREGATES[n % 3], "broken" if n == 13 else "changed")
    await change(world.source, AGGREGATES[3], tenant=OTHER_TENANT)
    consumer = world.consumer
    for _, some in records_by_key(await _published(world)):
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
    found, consumer = await _published(world), world.consumer
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
    consumer = _taking(world, on("source.thing.changed", meet))
    await consumer(await _published(world))
    assert [row[0] for row in await world.target_admin.fetch(TOGETHER)] == [1] * 20
    assert (await verdict(world), consumer.counts["retried"]) == ((20, 0, 0), 0)


async def test_an_import_leaves_connections_to_those_who_wait(world: World) -> None:
    """R20: of many partitions only some are at work at once, fewer of bulk work, and neither waits for the other."""
    begun, go_on = list[int](), asyncio.Event()

    async def dawdle(call: Call, said: Struct) -> None:
        begun.append(call.lane)
        await go_on.wait()

    for n, aggregate in enumerate(AGGREGATES):  # two of one record would wait for each other
        await change(world.source, aggregate, lane=BULK if n % 2 else INTERACTIVE)
    consumer = _taking(world, on("source.thing.changed", dawdle))
    found = [*await _published(world), *await records(world, BULK_TOPIC)]
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
    await world.consumer(await _published(world))
    commits = await world.target_admin.fetchval("select count(distinct xmin::text) from applied")
    assert (commits, (await verdict(world))[:2]) == (2, (20, 0))


async def test_two_members_with_one_event_meet_at_the_inbox(world: World) -> None:
    inside, go_on = asyncio.Event(), asyncio.Event()

    async def hesitate(call: Call, said: Struct, event: Event) -> None:
        await write_down(call, said, event)
        inside.set()
        await go_on.wait()

    await change(world.source, AGGREGATES[0])
    (record,) = await _published(world)
    members = [_taking(world, on("source.thing.changed", hesitate)) for _ in range(2)]
    first = asyncio.create_task(members[0]([record]))
    await inside.wait()
    second = asyncio.create_task(members[1]([record]))
    await until_waiting(world.target_admin)
    go_on.set()
    await asyncio.gather(first, second)
    assert await verdict(world) == (1, 0, 0)


async def test_an_effect_stays_in_the_tenant_of_its_event(world: World) -> None:
    await change(world.source, AGGREGATES[0])
    await change(world.source, AGGREGATES[1], tenant=OTHER_TENANT)
    for record in await _published(world):
        await world.consumer([record])
    rows = await world.target_admin.fetch("select tenant_id, aggregate_id from applied order by tenant_id")
    assert [row["aggregate_id"] for row in rows] == [AGGREGATES[0], AGGREGATES[1]]
    assert rows[1]["tenant_id"] == OTHER_TENANT
    reading = world.target.database.session(OTHER_TENANT)

    seen = await reading.fetch(Statement(select(APPLIED.c.aggregate_id)), {})
    await reading.finish(commit=False)
    assert [row["aggregate_id"] for row in seen] == [AGGREGATES[1]]


async def test_what_an_effect_sets_in_motion_goes_out_with_it_and_knows_its_cause(world: World) -> None:
    failures = [ValueError("the first time")]
    job = new_id()

    async def pass_on(call: Call, said: Struct) -> None:
        await publish(call, new_id(), AGGREGATES[0], "kith.target.echo.heard.v1", 1)
        request = Struct()
        request.update({"id": str(job)})
        await call.schedule(fire, request)
        if failures:
            raise failures.pop()

    await change(world.source, AGGREGATES[0])
    (record,) = await _published(world)
    await _taking(world, on("source.thing.changed", pass_on))([record])
    (event,) = await world.target_admin.fetch("select * from outbox")
    (work,) = await world.target_admin.fetch("select * from job")
    assert (event["topic"], orjson.loads(event["headers"])) == ("kith.target.v1", {"traceparent": TRACEPARENT})
    assert (work["kind"], work["traceparent"]) == ("fire", TRACEPARENT)


async def test_poison_is_buried_after_five_attempts_with_its_bytes_and_the_next_goes_on(world: World) -> None:
    """R07"""
    tries = 0

    async def choke(call: Call, said: Struct, event: Event) -> None:
        nonlocal tries
        tries += 1
        await write_down(call, said, event)
        raise ValueError("nobody can digest this")

    poison = await change(world.source, AGGREGATES[0], "broken")
    await change(world.source, AGGREGATES[0])
    consumer = _taking(world, on("source.thing.broken", choke), on("source.thing.changed", write_down))
    found = await _published(world)
    for record in found:
        await consumer([record])
    assert (tries, consumer.counts["buried"]) == (5, 1)
    (letter,) = await world.target_admin.fetch("select * from outbox")
    headers = orjson.loads(letter["headers"])
    assert letter["topic"] == f"{TOPIC}.{GROUP}.dlt"
    assert letter["payload"] == found[0].message.value
    assert (headers["dlt_reason"], headers["ce_id"], headers["traceparent"]) == ("ValueError", str(poison), TRACEPARENT)
    assert [r["sequence"] for r in await world.target_admin.fetch("select sequence from applied")] == [2]
    for record in found:
        await consumer([record])  # once more: it is buried once
    assert await world.target_admin.fetchval("select count(*) from outbox") == 1


async def test_two_members_bury_one_event_once(world: World) -> None:
    await change(world.source, AGGREGATES[0], "broken")
    (record,) = await _published(world)
    await asyncio.gather(*(world.consumer._bury(record, ValueError("no")) for _ in range(2)))
    assert await world.target_admin.fetchval("select count(*) from outbox") == 1


@pytest.mark.parametrize("headers", [{}, {"ce_id": "x"}])
async def test_what_is_no_event_is_buried_at_once(world: World, headers: dict[str, str]) -> None:
    await world.consumer([Record(Message(TOPIC, "k", headers, b"garbage"), 3, 41)])
    row = await world.target_admin.fetchrow("select payload, (select next_offset from inbox_offset) from outbox")
    assert tuple(row or ()) == (b"garbage", 42)


async def test_bytes_that_are_no_such_message_are_buried_at_once(world: World) -> None:
    await change(world.source, AGGREGATES[0], payload=b"\xff\xff")
    (record,) = await _published(world)
    consumer = world.consumer
    await consumer([record])
    assert (consumer.counts["buried"], consumer.counts["retried"]) == (1, 0)


async def test_an_outage_is_waited_out_however_long_it_takes(world: World) -> None:
    outages: list[Exception] = [Unavailable("away"), OSError("cut"), TimeoutError()] * 4

    async def struggle(call: Call, said: Struct, event: Event) -> None:
        await write_down(call, said, event)
        if outages:
            raise outages.pop()

    await change(world.source, AGGREGATES[0])
    (record,) = await _published(world)
    consumer = _taking(world, on("source.thing.changed", struggle))
    consumer._wait = 0.0
    await consumer([record])
    assert (consumer.counts["buried"], consumer.counts["retried"]) == (0, 12)
    assert await verdict(world) == (1, 0, 0)


def test_outages_are_told_by_what_stands_behind_a_refusal() -> None:
    deadlock = StaleEtag("retry")
    deadlock.__cause__ = asyncpg.DeadlockDetectedError("met")
    assert is_outage(deadlock)
    assert not is_outage(StaleEtag("changed"))
    assert not is_outage(asyncpg.UniqueViolationError("taken"))


async def test_holes_and_the_overtaken_are_counted_and_newer_facts_stay(world: World) -> None:
    """Within a lane order is kept, between lanes it cannot be: an import's change overtaken by a hand's."""
    await change(world.source, AGGREGATES[0])
    await change(world.source, AGGREGATES[0], lane=BULK)
    await change(world.source, AGGREGATES[0], "renamed")  # of no interest, and no hole
    await change(world.source, AGGREGATES[0])
    consumer = world.consumer
    hand, slow = await _published(world), await records(world, BULK_TOPIC)
    for record in [hand[0], hand[2], hand[1], *slow]:
        await consumer([record])
    assert (consumer.counts["hole"], consumer.counts["overtaken"]) == (1, 1)
    assert await world.target_admin.fetchval("select sequence from fact") == 4
    for record in [*hand, *slow]:
        await consumer([record])
    assert (consumer.counts["hole"], consumer.counts["overtaken"]) == (1, 1)


async def test_events_nobody_asked_for_pass_by_and_make_no_holes(world: World) -> None:
    for verb in ("changed", "renamed", "renamed", "changed"):
        await change(world.source, AGGREGATES[0], verb)
    consumer, told = world.consumer, await _published(world)
    for record in told:
        await consumer([record])
    assert (consumer.counts["hole"], consumer.counts["overtaken"]) == (0, 0)
    assert await world.target_admin.fetchval("select next_offset from inbox_offset") == told[3].offset + 1
    assert await world.target_admin.fetchval("select count(*) from inbox") == 2


async def test_a_star_hears_every_verb_of_a_noun(world: World) -> None:
    for verb in ("changed", "renamed"):
        await change(world.source, AGGREGATES[0], verb)
    consumer = _taking(world, on("source.thing.*", write_down))
    for record in await _published(world):
        await consumer([record])
    assert await verdict(world) == (2, 0, 0)


async def _without_annotation(call: Call, said) -> None: ...  # type: ignore[no-untyped-def]  # what is tested


@pytest.mark.parametrize(
    ("what", "function"), [("sales.won", write_down), ("a.b.c", _without_annotation), ("a..c", write_down)]
)
def test_a_subscription_that_cannot_work_is_refused_at_start_up(what: str, function: Any) -> None:
    with pytest.raises(TypeError):
        on(what, function)
