"""One member of a consumer group on Kafka: it commits after the transaction, never before."""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Collection, Coroutine, Sequence
from typing import Any

from aiokafka import (  # type: ignore[import-untyped]  # it ships no types
    AIOKafkaConsumer,
    ConsumerRebalanceListener,
    ConsumerRecord,
    TopicPartition,
)
from aiokafka.errors import KafkaError  # type: ignore[import-untyped]  # likewise

from chassis.events.bus import Message, Receive, Record
from chassis.events.kafka_access import KafkaAccess
from chassis.telemetry import CONSUMER_LAG, REBALANCES

POLL_MILLISECONDS, BUSY_MILLISECONDS = 200, 5
# How long a broker may hold a fetch in which nothing has come; a partition that is not part of it waits as long.
FETCH_MILLISECONDS = 200
BATCH = 200  # records a poll: what is at hand when the partitions change hands is read twice
COMMIT_SECONDS = 0.2
# A member that died is missed after this long, and its partitions stand still meanwhile; a broker accepts 6 s or more.
SESSION_MILLISECONDS = 6000
# Until what a mute broker was asked is given up; who joins may have to wait until one that died is missed.
ANSWER_MILLISECONDS = 10_000
LOOK_SECONDS = 10.0
STEP_SECONDS, LEAVE_SECONDS = 30.0, 10.0  # a step waits for some answers at most
log = logging.getLogger(__name__)


class Stuck(Exception):
    """There is something to read, and it does not come: begin anew (a trap of aiokafka's)."""


class Member(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka is untyped
    """One task a partition, so that its retries stop neither the others nor the polls."""

    def __init__(self, access: KafkaAccess, group: str, topics: Sequence[str], receive: Receive) -> None:
        self._access, self._group, self._topics, self._receive = access, group, topics, receive
        self._working: dict[TopicPartition, asyncio.Task[None]] = {}
        self._from: dict[TopicPartition, int] = {}  # where what they work on begins
        self._done: dict[TopicPartition, int] = {}  # where to go on, not yet committed
        self._ours = False  # whether what we read is ours to apply: not while partitions change hands
        self._still: dict[TopicPartition, int] = {}  # positions at the last look of partitions that had more to read
        self._commit_time = self._look_time = 0.0
        self._consumer: AIOKafkaConsumer

    async def run(self) -> None:
        """Until cancelled, or the brokers are lost (KafkaError, OSError, TimeoutError, Stuck)."""
        self._consumer = AIOKafkaConsumer(
            **self._access.options,
            group_id=self._group,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            session_timeout_ms=SESSION_MILLISECONDS,
            heartbeat_interval_ms=SESSION_MILLISECONDS // 4,
            fetch_max_wait_ms=FETCH_MILLISECONDS,
            request_timeout_ms=ANSWER_MILLISECONDS,
        )
        try:
            await _within(STEP_SECONDS, self._consumer.start())
            while True:
                await _within(STEP_SECONDS, self._step())
        finally:
            try:
                await _within(LEAVE_SECONDS, self._leave())
            except (TimeoutError, KafkaError, Stuck) as error:
                log.warning("left without a word", extra={"group": self._group, "why": repr(error)})
            finally:
                _abandon(self._consumer)

    async def _step(self) -> None:
        for place, records in (await self._found()).items():
            if self._ours:
                self._from[place] = records[0].offset
                self._working[place] = asyncio.create_task(self._read(place, records))
        for place in [place for place, task in self._working.items() if task.done()]:
            self._working.pop(place).result()
            del self._from[place]
        now = time.monotonic()
        if now > self._commit_time:
            await self._commit()
            self._commit_time = now + COMMIT_SECONDS
        if now > self._look_time:
            await self._subscribe()
            await self._look()
            self._look_time = now + LOOK_SECONDS

    async def _leave(self) -> None:
        await self.on_partitions_revoked(list(self._working))
        await self._consumer.stop()

    async def _subscribe(self) -> None:
        """To what is there: for a topic that is not, aiokafka would join anew again and again, and read nothing."""
        there = (await self._consumer.topics()).intersection(self._topics)
        if missing := set(self._topics) - there:
            log.error("there are no such topics; `kith topics apply` makes them", extra={"topics": sorted(missing)})
        if there and there != self._consumer.subscription():
            self._consumer.subscribe(sorted(there), listener=self)

    async def _found(self) -> "dict[TopicPartition, list[ConsumerRecord[bytes, bytes]]]":
        """Of the partitions that nobody works on. The others are not paused: aiokafka would throw away what it has
        fetched of them, and fetch it anew."""
        idle = [place for place in self._consumer.assignment() if place not in self._working]
        if not idle:
            seconds = POLL_MILLISECONDS / 1000
            await (asyncio.wait(self._working.values(), timeout=seconds) if self._working else asyncio.sleep(seconds))
            return {}
        wait = BUSY_MILLISECONDS if self._working else POLL_MILLISECONDS
        found: dict[TopicPartition, list[ConsumerRecord[bytes, bytes]]]
        found = await self._consumer.getmany(*idle, timeout_ms=wait, max_records=BATCH)
        return found

    async def _read(self, place: TopicPartition, records: "Sequence[ConsumerRecord[bytes, bytes]]") -> None:
        """These, and what has come of the same partition meanwhile."""
        while records and self._ours:
            await self._receive([record_of(record) for record in records])
            self._done[place] = self._from[place] = records[-1].offset + 1
            found = await self._consumer.getmany(place, timeout_ms=0, max_records=BATCH)
            records = found.get(place, ())

    async def _commit(self) -> None:
        """Only what was applied; lost commits cost a second look at the inbox, nothing else."""
        done, self._done = self._done, {}
        if done:
            try:
                await self._consumer.commit(done)
            except KafkaError as error:
                log.warning("not committed", extra={"why": repr(error)})

    async def _look(self) -> None:
        """How much waits; and whether a partition with something to read stands still though nobody works on it."""
        assigned = list(self._consumer.assignment())
        ends = await self._consumer.end_offsets(assigned) if assigned else {}
        behind, still = Counter(dict.fromkeys(self._topics, 0)), {}
        for place, end in ends.items():
            if place not in self._consumer.assignment():
                continue  # it changed hands in the meantime
            position = await self._consumer.position(place)
            behind[place.topic] += end - self._from.get(place, position)
            if end > position and place not in self._working:
                still[place] = position
        for topic, records in behind.items():
            CONSUMER_LAG.labels(self._group, topic).set(records)
        stuck = [place for place, position in still.items() if self._still.get(place) == position]
        self._still = still
        if stuck:
            raise Stuck(f"{stuck} have more to read, and nothing comes")

    async def on_partitions_revoked(self, revoked: Collection[TopicPartition]) -> None:
        """Finish nothing more of `revoked`, and say how far we came before somebody else begins there."""
        self._ours = False
        tasks = [self._working.pop(place) for place in list(revoked) if place in self._working]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._commit()

    async def on_partitions_assigned(self, assigned: Collection[TopicPartition]) -> None:
        self._still, self._from = {}, {}
        self._ours = True
        REBALANCES.labels(self._group).inc()


async def _within(seconds: float, work: Coroutine[Any, Any, None]) -> None:
    """Raises TimeoutError, Stuck. What aiokafka waits for may never come, it keeps who cancels it waiting as well, and
    when connections break it may itself be cancelled: so it works in a task of its own, and is left to itself."""
    task = asyncio.create_task(work)
    try:
        done, _ = await asyncio.wait({task}, timeout=seconds)
    except asyncio.CancelledError:
        task.cancel()
        await asyncio.wait({task}, timeout=LEAVE_SECONDS)
        raise
    if not done:
        task.cancel()
        raise TimeoutError(f"nothing within {seconds} s")
    if task.cancelled():
        raise Stuck("cancelled, and nobody did")  # or our own task would end as if somebody had told it to
    task.result()


def _abandon(consumer: AIOKafkaConsumer) -> None:
    """At once, where it has not stopped: it offers no way to end without asking the brokers."""
    coordinator, client = consumer._coordinator, consumer._client
    for room, name in (
        (coordinator, "_coordination_task"),
        (coordinator, "_heartbeat_task"),
        (coordinator, "_commit_refresh_task"),
        (consumer._fetcher, "_fetch_task"),
        (client, "_sync_task"),
    ):
        if task := getattr(room, name, None):
            task.cancel()
    for connection in list(client._conns.values()):
        connection.close()
    consumer._closed = True  # or it warns, when it is collected, that nobody closed it


def record_of(record: "ConsumerRecord[bytes, bytes]") -> Record:
    """Bytes that are no text are kept as what stands for them: not an event of ours, but to be buried, not dropped."""
    headers = {name: bytes(value or b"").decode(errors="replace") for name, value in record.headers}
    key = (record.key or b"").decode(errors="replace")
    return Record(Message(record.topic, key, headers, record.value or b""), record.partition, record.offset)
