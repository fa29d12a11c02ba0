"""Reading topics of Kafka without a group: what they hold, and what comes from now on."""

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence

from aiokafka import AIOKafkaConsumer, TopicPartition  # type: ignore[import-untyped]  # it ships no types
from aiokafka.admin import AIOKafkaAdminClient  # type: ignore[import-untyped]  # likewise
from aiokafka.errors import KafkaError  # type: ignore[import-untyped]  # likewise

from chassis.events.bus import Record
from chassis.events.kafka_access import KafkaAccess
from chassis.events.kafka_group import record_of

POLL_MILLISECONDS = 200
RETRY_SECONDS = 0.5
log = logging.getLogger(__name__)


async def read_all(access: KafkaAccess, topics: Sequence[str]) -> list[Record]:
    """What they hold now, oldest first in each partition. Raises KafkaError."""
    consumer = AIOKafkaConsumer(**access.options)
    try:
        await consumer.start()
        places = await _places(access, topics)
        begins, ends = await consumer.beginning_offsets(places), await consumer.end_offsets(places)
        waiting = {place for place in places if begins[place] < ends[place]}
        consumer.assign(list(waiting))
        if waiting:
            await consumer.seek_to_beginning(*waiting)
        found: list[Record] = []
        while waiting:
            for some in (await consumer.getmany(timeout_ms=POLL_MILLISECONDS)).values():
                found += [record_of(one) for one in some]
            waiting = {place for place in waiting if await consumer.position(place) < ends[place]}
    finally:
        await consumer.stop()
    found.sort(key=lambda record: (record.message.topic, record.partition, record.offset))
    return found


async def tail(access: KafkaAccess, topics: Sequence[str]) -> AsyncIterator[Sequence[Record]]:
    """What is appended from now on, in the order of each partition. Never ends; what comes while the brokers are away
    is told when they are back."""
    reached: dict[TopicPartition, int] | None = None
    while True:
        consumer = AIOKafkaConsumer(**access.options)
        try:
            await consumer.start()
            places = await _places(access, topics)
            reached = dict(await consumer.end_offsets(places)) if reached is None else reached
            consumer.assign(places)
            for place in places:
                consumer.seek(place, reached.setdefault(place, 0))  # one that is new since is read from its beginning
            while True:
                found = await consumer.getmany(timeout_ms=POLL_MILLISECONDS)
                records = [record_of(one) for some in found.values() for one in some]
                if records:
                    yield records
                reached |= {place: some[-1].offset + 1 for place, some in found.items()}
        except (KafkaError, OSError):
            log.warning("the brokers cannot be read", exc_info=True)
            await asyncio.sleep(RETRY_SECONDS)
        finally:
            await consumer.stop()


async def _places(access: KafkaAccess, topics: Sequence[str]) -> list[TopicPartition]:
    """A consumer knows the partitions of what it subscribed to only."""
    admin = AIOKafkaAdminClient(**access.options)
    try:
        await admin.start()
        there = set(await admin.list_topics()).intersection(topics)
        described = await admin.describe_topics(sorted(there)) if there else []
    finally:
        await admin.close()
    return [TopicPartition(one["topic"], part["partition"]) for one in described for part in one["partitions"]]
