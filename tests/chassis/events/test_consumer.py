"""A consumer takes each event in once, in its tenant, with all it sets in motion; what it cannot digest it buries."""

import asyncio
import random
from typing import Any

import asyncpg
import orjson
import pytest
from google.protobuf.struct_pb2 import Struct
from sqlalchemy import select

from chassis.call import Call
from chassis.database.statement import Statement
from chassis.errors import StaleEtag, Unavailable
from chassis.events.bus import Message, Record
from chassis.events.cloud_event import Event
from chassis.events.outage import is_outage
from chassis.events.outbox import BULK
from chassis.events.subscription import on
from chassis.ids import new_id
from tests.chassis.events.crew_tables import APPLIED
from tests.chassis.events.reading import published, taking
from tests.chassis.events.world import (
    AGGREGATES,
    BULK_TOPIC,
    GROUP,
    OTHER_TENANT,
    TOPIC,
    TRACEPARENT,
    World,
    change,
    publish,
    records,
    until_waiting,
    verdict,
    write_down,
)
from tests.chassis.jobs.stories import fire


async def test_three_deliveries_shuffled_across_records_apply_once(world: World) -> None:
    """R19"""
    for _ in range(3):
        for aggregate in AGGREGATES[:5]:
            await change(world.source, aggregate)
    found = await published(world)
    keys = sorted({record.message.key for record in found})
    for _ in range(3):
        for key in random.sample(keys, len(keys)):
            for record in found:
                if record.message.key == key:
                    await world.consumer([record])
    assert await verdict(world) == (15, 0, 0)


async def test_two_members_with_one_event_meet_at_the_inbox(world: World) -> None:
    inside, go_on = asyncio.Event(), asyncio.Event()

    async def hesitate(call: Call, said: Struct, event: Event) -> None:
        await write_down(call, said, event)
        inside.set()
        await go_on.wait()

    await change(world.source, AGGREGATES[0])
    (record,) = await published(world)
    members = [taking(world, on("source.thing.changed", hesitate)) for _ in range(2)]
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
    for record in await published(world):
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
    (record,) = await published(world)
    await taking(world, on("source.thing.changed", pass_on))([record])
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
    consumer = taking(world, on("source.thing.broken", choke), on("source.thing.changed", write_down))
    found = await published(world)
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
    (record,) = await published(world)
    await asyncio.gather(*(world.consumer._bury(record, ValueError("no")) for _ in range(2)))
    assert await world.target_admin.fetchval("select count(*) from outbox") == 1


@pytest.mark.parametrize("headers", [{}, {"ce_id": "x"}])
async def test_what_is_no_event_is_buried_at_once(world: World, headers: dict[str, str]) -> None:
    await world.consumer([Record(Message(TOPIC, "k", headers, b"garbage"), 3, 41)])
    row = await world.target_admin.fetchrow("select payload, (select next_offset from inbox_offset) from outbox")
    assert tuple(row or ()) == (b"garbage", 42)


async def test_bytes_that_are_no_such_message_are_buried_at_once(world: World) -> None:
    await change(world.source, AGGREGATES[0], payload=b"\xff\xff")
    (record,) = await published(world)
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
    (record,) = await published(world)
    consumer = taking(world, on("source.thing.changed", struggle))
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
    hand, slow = await published(world), await records(world, BULK_TOPIC)
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
    consumer, told = world.consumer, await published(world)
    for record in told:
        await consumer([record])
    assert (consumer.counts["hole"], consumer.counts["overtaken"]) == (0, 0)
    assert await world.target_admin.fetchval("select next_offset from inbox_offset") == told[3].offset + 1
    assert await world.target_admin.fetchval("select count(*) from inbox") == 2


async def test_a_star_hears_every_verb_of_a_noun(world: World) -> None:
    for verb in ("changed", "renamed"):
        await change(world.source, AGGREGATES[0], verb)
    consumer = taking(world, on("source.thing.*", write_down))
    for record in await published(world):
        await consumer([record])
    assert await verdict(world) == (2, 0, 0)


async def _without_annotation(call: Call, said) -> None: ...  # type: ignore[no-untyped-def]  # what is tested


@pytest.mark.parametrize(
    ("what", "function"), [("sales.won", write_down), ("a.b.c", _without_annotation), ("a..c", write_down)]
)
def test_a_subscription_that_cannot_work_is_refused_at_start_up(what: str, function: Any) -> None:
    with pytest.raises(TypeError):
        on(what, function)
