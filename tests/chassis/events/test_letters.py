"""What could not be digested is listed, and given to its reader once more (R07)."""

import asyncpg
import pytest

from chassis.events.bus import Record
from chassis.events.consumer import Consumer
from chassis.events.dead_letter import grave_of
from chassis.events.letters import Letter, NotReplayable, letters_in, replay
from chassis.events.relay import Relay
from chassis.events.subscription import Subscription, on
from tests.chassis.events.drivers import Driver
from tests.chassis.events.reading import records_by_key
from tests.chassis.events.world import (
    AGGREGATES,
    TOPIC,
    TRACEPARENT,
    World,
    change,
    choke,
    verdict,
    write_down,
)

MENDED = on("source.thing.broken", write_down)


def _reader(world: World, driver: Driver, *subscriptions: Subscription) -> Consumer:
    reader = Consumer(world.target, subscriptions, first_wait_seconds=0.001)
    reader.group = driver.group
    return reader


async def _carried(world: World, driver: Driver) -> list[Record]:
    """Everything leaves both outboxes; what lies in the topic then."""
    for name, pool in (("SOURCE", world.source_worker), ("TARGET", world.target_worker)):
        await Relay(world.url(name, "worker"), pool, driver.bus()).carry()
    return list(await driver.bus().read([TOPIC]))


async def _buried(world: World, driver: Driver) -> list[Letter]:
    for _, some in records_by_key(await _carried(world, driver)):
        await _reader(world, driver, on("source.thing.broken", choke), on("source.thing.changed", write_down))(some)
    await _carried(world, driver)
    return await letters_in(driver.bus(), [grave_of(TOPIC, driver.group)])


async def test_a_letter_says_what_and_why_and_is_replayed_once(world: World, driver: Driver) -> None:
    await change(world.source, AGGREGATES[0])
    poison = await change(world.source, AGGREGATES[0], "broken")
    (letter,) = await _buried(world, driver)
    assert (letter.said("ce_id"), letter.said("traceparent")) == (str(poison), TRACEPARENT)
    assert (letter.said("dlt_reason"), letter.said("dlt_detail")) == ("ValueError", "nobody can digest this")
    assert letter.said("dlt_origin").startswith(f"{TOPIC}/")
    owner = await asyncpg.connect(world.urls["TARGET"])
    try:
        assert await replay(owner, letter)
        assert not await replay(owner, letter)
    finally:
        await owner.close()
    found = await _carried(world, driver)
    assert [record.message.headers["ce_sequence"] for record in found] == ["1", "2", "2"]
    assert found[1].message.value == found[2].message.value
    assert found[1].message.headers == found[2].message.headers
    await _reader(world, driver, MENDED)(found)
    await _reader(world, driver, MENDED)(found)
    assert (await verdict(world))[:2] == (2, 0)


async def test_what_is_buried_once_more_is_another_letter(world: World, driver: Driver) -> None:
    await change(world.source, AGGREGATES[0], "broken")
    (letter,) = await _buried(world, driver)
    owner = await asyncpg.connect(world.urls["TARGET"])
    try:
        assert await replay(owner, letter)
        first, second = await _buried(world, driver)
        assert first.id == letter.id
        assert await replay(owner, second)
    finally:
        await owner.close()


async def test_what_never_was_an_event_is_not_replayed(world: World, driver: Driver) -> None:
    await change(world.source, AGGREGATES[0])
    (record,) = await _carried(world, driver)
    record.message.headers.pop("ce_sequence")  # type: ignore[attr-defined]  # a dict
    await _reader(world, driver, MENDED)([record])
    await _carried(world, driver)
    (letter,) = await letters_in(driver.bus(), [grave_of(TOPIC, driver.group)])
    owner = await asyncpg.connect(world.urls["TARGET"])
    try:
        with pytest.raises(NotReplayable):
            await replay(owner, letter)
    finally:
        await owner.close()
