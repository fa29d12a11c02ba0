"""What only Kafka can refuse: what is too large, topics that nobody made, brokers that do not answer (R04)."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Sequence

import pytest

from chassis.events import kafka as kafka_module
from chassis.events.bus import BusAway, Message, Record
from chassis.events.kafka import LARGEST_BYTES
from chassis.events.topics import Topic, Topics
from cli.brokers import Brokers
from tests.chassis.events.drivers import Kafka
from tests.chassis.events.world import BULK_TOPIC, TOPIC, until

SMALL_TOPIC = "kith.small.v1"
LARGE = os.urandom(LARGEST_BYTES - 4096)  # which nothing compresses


@pytest.fixture
async def log(kafka: Brokers) -> AsyncIterator[Kafka]:
    made = Kafka(kafka)
    await made.empty()
    yield made
    await made.close()


async def test_the_largest_event_there_can_be_is_written_and_read(log: Kafka) -> None:
    seen: list[Record] = []

    async def receive(records: Sequence[Record]) -> None:
        seen.extend(records)

    async def all_seen() -> bool:
        return len(seen) == 3

    assert await log.bus().publish([Message(TOPIC, "key", {}, value) for value in (b"1", LARGE, b"3")]) == [None] * 3
    reading = asyncio.create_task(log.bus().consume(log.group, [TOPIC], receive))
    await until(all_seen)
    reading.cancel()
    await asyncio.gather(reading, return_exceptions=True)
    assert [record.message.value for record in seen] == [b"1", LARGE, b"3"]
    assert [record.message.value for record in await log.bus().read([TOPIC])] == [b"1", LARGE, b"3"]


@pytest.mark.parametrize("topic", [TOPIC, SMALL_TOPIC])
async def test_what_is_too_large_is_refused_with_its_followers_and_nobody_else(log: Kafka, topic: str) -> None:
    """By the client, and by a broker that takes less than ours should."""
    small = [Topic(SMALL_TOPIC, settings={"max.message.bytes": "100000"})]
    async with Topics(log.access) as topics:
        await topics.apply(await topics.plan(small), small, copies=1)
    size = LARGEST_BYTES + 1 if topic == TOPIC else 200_000
    batch = [
        Message(topic, "good", {}, b"1"),
        Message(topic, "bad", {}, b"1"),
        Message(topic, "bad", {}, os.urandom(size)),
        Message(topic, "bad", {}, b"3"),
        Message(topic, "good", {}, b"2"),
        Message(BULK_TOPIC, "other", {}, b"1"),
    ]
    bus = log.bus()
    answers = await bus.publish(batch)
    assert [type(answer).__name__ for answer in answers[2:4]] == ["MessageSizeTooLargeError"] * 2
    assert [answer for n, answer in enumerate(answers) if n not in (2, 3)] == [None] * 4
    assert await bus.publish([Message(topic, "bad", {}, b"3"), Message(topic, "good", {}, b"3")]) == [None, None]
    values = [(r.message.key, r.message.value) for r in await bus.read([topic]) if len(r.message.value) < 10]
    assert [value for key, value in values if key == "bad"][-2:] == [b"1", b"3"]
    assert [value for key, value in values if key == "good"][-3:] == [b"1", b"2", b"3"]


async def test_a_topic_that_nobody_made_holds_up_its_own_and_is_found_when_it_is_made(
    log: Kafka, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kafka_module, "TOPIC_SECONDS", 0.3)
    monkeypatch.setattr(kafka_module, "MISSING_SECONDS", 0.2)
    bus = log.bus()
    batch = [Message("kith.late.v1", "a", {}, b"1"), Message(TOPIC, "b", {}, b"1")]
    lost, fine = await bus.publish(batch)
    assert (type(lost).__name__, fine) == ("UnknownTopicOrPartitionError", None)
    await log.make("kith.late.v1")

    async def found() -> bool:
        return await bus.publish(batch[:1]) == [None]

    await until(found)


async def test_brokers_that_do_not_answer_are_not_waited_for_without_end(
    log: Kafka, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stopped in the middle: their sockets are open, and nothing comes."""
    known, new = log.bus(), log.bus()
    assert await known.publish([Message(TOPIC, "key", {}, b"1")]) == [None]
    for name in ("PUBLISH_SECONDS", "START_SECONDS"):
        monkeypatch.setattr(kafka_module, name, 1.0)
    pid = log.brokers.members[0].pid or 0
    os.kill(pid, signal.SIGSTOP)
    try:
        for bus in (known, new):
            with pytest.raises(BusAway):
                async with asyncio.timeout(60):
                    await bus.publish([Message(TOPIC, "key", {}, b"2")])
    finally:
        os.kill(pid, signal.SIGCONT)

    async def back() -> bool:
        try:
            return await known.publish([Message(TOPIC, "key", {}, b"2")]) == [None]
        except BusAway:
            return False

    await until(back)
    values = [record.message.value for record in await log.bus().read([TOPIC])]
    assert (values[0], set(values[1:])) == (b"1", {b"2"})
