"""What every event bus promises, whichever driver keeps it; a driver is one fixture more."""

import asyncio
import random
import subprocess
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import uuid4

import pytest

from chassis.access.caller import Caller
from chassis.events import postgres_group
from chassis.events.bus import BusAway, Message, Record, partition_of
from chassis.events.inbox import MOVE
from chassis.telemetry import REGISTRY
from cli.brokers import java
from tests.chassis.events.drivers import LATE_TOPIC, OTHER_TOPIC, Driver
from tests.chassis.events.world import GROUP, TENANT, TOPIC, World, until

SECONDS = 120  # in which all must be seen: a dead member of a Kafka group is missed after six


class Reader:
    """Notes what it is given and moves the group's offset, as a consumer does with its inbox."""

    def __init__(self, world: World, fails: Callable[[Record], bool] = lambda _: False) -> None:
        self.seen, self._world, self._fails = list[Record](), world, fails

    async def __call__(self, records: Sequence[Record]) -> None:
        for record in records:
            while self._fails(record):  # noqa: ASYNC110  # for ever, in these tests
                await asyncio.sleep(0.01)
            self.seen.append(record)
            place = {"topic": record.message.topic, "partition": record.partition, "next_offset": record.offset + 1}
            async with self._world.target.open(Caller.system(TENANT, "target")) as call:
                await call.session.fetch(MOVE, {"consumer": GROUP, **place})

    @property
    def places(self) -> set[tuple[str, int, int]]:
        """Where what it has seen was, each once: it may be given something again."""
        return {(record.message.topic, record.partition, record.offset) for record in self.seen}

    @property
    def partitions(self) -> set[int]:
        return {record.partition for record in self.seen}

    def values(self, key: str) -> list[bytes]:
        return [record.message.value for record in self.seen if record.message.key == key]


@asynccontextmanager
async def _reading(driver: Driver, *readers: Reader, topics: tuple[str, ...] = (TOPIC,)) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(driver.bus().consume(driver.group, topics, reader)) for reader in readers]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _messages(keys: int, each: int, topic: str = TOPIC) -> list[Message]:
    return [Message(topic, f"key {key}", {"n": str(n)}, b"%d" % n) for n in range(each) for key in range(keys)]


async def _until_seen(number: int, *readers: Reader) -> None:
    async def seen() -> bool:
        return len(set().union(*(reader.places for reader in readers))) >= number

    await until(seen, SECONDS)


async def test_messages_of_one_key_arrive_in_order_with_headers_and_bytes(world: World, driver: Driver) -> None:
    messages, reader = _messages(12, 10), Reader(world)
    async with _reading(driver, reader):
        for start in range(0, 120, 30):
            assert set(await driver.bus().publish(messages[start : start + 30])) == {None}
        await _until_seen(120, reader)
    for key in range(12):
        assert reader.values(f"key {key}") == [b"%d" % n for n in range(10)]
    assert {record.message.headers["n"] for record in reader.seen} == {str(n) for n in range(10)}


async def test_writers_side_by_side_lose_nothing(world: World, driver: Driver) -> None:
    async def write(writer: int) -> None:
        bus = driver.bus()
        for n in range(15):
            batch = [Message(TOPIC, f"{writer} {key}", {}, b"%d" % n) for key in range(n % 4 + 1)]
            assert set(await bus.publish(random.sample(batch, len(batch)))) == {None}

    await asyncio.gather(*(write(n) for n in range(5)))
    reader = Reader(world)
    async with _reading(driver, reader):
        await _until_seen(5 * 36, reader)
    for writer in range(5):
        assert reader.values(f"{writer} 0") == [b"%d" % n for n in range(15)]


async def test_a_group_goes_on_where_it_was(world: World, driver: Driver) -> None:
    first, second = Reader(world), Reader(world)
    await driver.bus().publish(_messages(5, 2))
    async with _reading(driver, first):
        await _until_seen(10, first)
    await driver.bus().publish([Message(TOPIC, "key 0", {}, b"later")])
    async with _reading(driver, second):
        await _until_seen(1, second)
    assert [record.message.value for record in second.seen] == [b"later"]


async def test_what_was_given_and_not_dealt_with_comes_again(world: World, driver: Driver) -> None:
    stuck = Reader(world, fails=lambda _: True)
    await driver.bus().publish(_messages(1, 2))
    async with _reading(driver, stuck):
        await asyncio.sleep(0.1)
    reader = Reader(world)
    async with _reading(driver, reader):
        await _until_seen(2, reader)
    assert reader.values("key 0") == [b"0", b"1"]


async def test_a_stuck_record_holds_up_its_partition_and_no_other(world: World, driver: Driver) -> None:
    stuck = partition_of("key 0", 8)
    reader = Reader(world, fails=lambda record: record.message.key == "key 0")
    messages = _messages(30, 2)
    free = [message for message in messages if partition_of(message.key, 8) != stuck]
    await driver.bus().publish(messages)
    async with _reading(driver, reader):
        await _until_seen(len(free), reader)
    assert {record.partition for record in reader.seen} == set(range(8)) - {stuck}


async def test_what_waits_is_told_and_a_stuck_record_is_no_reason_to_begin_anew(
    world: World, driver: Driver, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """R20: the lag is an alarm; a reader that is only slow is not thrown out of its group for it."""
    monkeypatch.setattr(postgres_group, "SHARE_SECONDS", 0.05)
    reader = Reader(world, fails=lambda record: record.message.value == b"3")
    await driver.bus().publish(_messages(1, 10))

    async def told() -> bool:
        labels = {"group": driver.group, "topic": TOPIC}
        return REGISTRY.get_sample_value("kith_consumer_lag_records", labels) == 10

    async with _reading(driver, reader):
        await until(told, SECONDS)
        await asyncio.sleep(1)  # several looks
        assert [record.message.value for record in reader.seen] == [b"0", b"1", b"2"]
    assert "begins anew" not in caplog.text


async def test_a_topic_is_read_from_its_beginning_to_its_end_without_a_group(driver: Driver) -> None:
    assert await driver.bus().read([TOPIC]) == []
    await driver.bus().publish(_messages(20, 3))
    found = await driver.bus().read([TOPIC, "kith.nobody.v1"])
    assert len(found) == 60
    for key in range(20):
        assert [r.message.value for r in found if r.message.key == f"key {key}"] == [b"0", b"1", b"2"]


async def test_members_share_the_partitions_and_take_over_those_of_the_dead(
    world: World, driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres_group, "SHARE_SECONDS", 0.05)
    first, second, published = Reader(world), Reader(world), 0

    async def both_read() -> bool:
        nonlocal published
        await driver.bus().publish(_messages(40, 1))
        published += 40
        await _until_seen(published, first, second)
        return len(second.partitions) == 4

    async with _reading(driver, first):
        await driver.bus().publish(_messages(40, 1))
        published += 40
        await _until_seen(published, first)
        async with _reading(driver, second):
            await until(both_read, SECONDS)
        first.seen.clear()
        second.seen.clear()
        await driver.bus().publish(_messages(40, 1))
        await _until_seen(40, first)
    assert first.partitions == set(range(8))


async def test_a_group_reads_several_topics_side_by_side(world: World, driver: Driver) -> None:
    reader = Reader(world)
    topics = TOPIC, OTHER_TOPIC
    for topic in topics:
        await driver.bus().publish(_messages(10, 1, topic))
    async with _reading(driver, reader, topics=topics):
        await _until_seen(20, reader)
    assert {record.message.topic for record in reader.seen} == set(topics)


async def test_a_topic_that_is_not_there_holds_up_nobody(world: World, driver: Driver) -> None:
    reader = Reader(world)
    await driver.bus().publish(_messages(10, 1))
    async with _reading(driver, reader, topics=(TOPIC, LATE_TOPIC)):
        await _until_seen(10, reader)
        await driver.make(LATE_TOPIC)
        assert await driver.bus().publish([Message(LATE_TOPIC, "late", {}, b"made since")]) == [None]
        await _until_seen(11, reader)


async def test_members_and_writers_outlive_the_loss_of_every_connection(
    world: World, driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres_group, "SHARE_SECONDS", 0.05)
    reader, bus = Reader(world), driver.bus()
    async with _reading(driver, reader):
        await bus.publish(_messages(3, 1))
        await _until_seen(3, reader)
        await driver.cut()

        async def published() -> bool:
            try:
                return await bus.publish([Message(TOPIC, "after", {}, b"all is well")]) == [None]
            except BusAway:
                return False

        async def heard() -> bool:
            return bool(reader.values("after"))

        await until(published, SECONDS)
        await until(heard, SECONDS)


JAVA = """
import org.apache.kafka.common.utils.Utils;
public class Partitions {
    public static void main(String[] keys) {
        for (String key : keys) System.out.println(Utils.toPositive(Utils.murmur2(Utils.utf8(key))));
    }
}
"""
# Of Kafka's own UtilsTest: what murmur2 makes of them, as Java prints it.
VECTORS = {
    "21": -973932308,
    "foobar": -790332482,
    "a-little-bit-long-string": -985981536,
    "a-little-bit-longer-string": -1486304829,
    "lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8": -58897971,
    "abc": 479470107,
}


def test_partitions_are_those_of_kafkas_own_vectors() -> None:
    assert {key: partition_of(key, 2**31) for key in VECTORS} == {k: v & 0x7FFFFFFF for k, v in VECTORS.items()}


@pytest.mark.usefixtures("kafka")
def test_partitions_are_those_of_the_java_client(tmp_path: Path) -> None:
    keys = [random.randbytes(length).hex()[: random.randrange(2 * length + 1)] for length in range(1, 60)]
    keys += ["客户", "", *(str(uuid4()) for _ in range(20))]
    (tmp_path / "Partitions.java").write_text(JAVA)
    command = java(str(tmp_path / "Partitions.java"), *keys)
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert [int(line) for line in done.stdout.split()] == [partition_of(key, 2**31) for key in keys]
