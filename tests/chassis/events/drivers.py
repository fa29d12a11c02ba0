"""The two event logs, as one suite needs them: a bus of it, what it holds, and ways to make it fail."""

import asyncio
import signal
from collections.abc import Sequence
from itertools import count
from typing import Protocol

import asyncpg
from aiokafka import AIOKafkaConsumer, TopicPartition  # type: ignore[import-untyped]  # it ships no types
from aiokafka.admin import AIOKafkaAdminClient  # type: ignore[import-untyped]  # likewise
from aiokafka.errors import CommitFailedError  # type: ignore[import-untyped]  # likewise
from aiokafka.structs import OffsetAndMetadata  # type: ignore[import-untyped]  # likewise

from chassis.events.bus import EventBus, Record
from chassis.events.dead_letter import grave_of
from chassis.events.kafka import LARGEST_BYTES, KafkaBus
from chassis.events.kafka_access import KafkaAccess
from chassis.events.postgres_log import PostgresLog
from chassis.events.topics import Plan, Topic, Topics
from cli.brokers import Brokers
from tests.chassis.events.world import BULK_TOPIC, GROUP, TOPIC, World, until

_NUMBERS = count()
SETTINGS = {"max.message.bytes": str(LARGEST_BYTES)}  # of what matters here
OTHER_TOPIC, LATE_TOPIC = "kith.other.v1", "kith.late.v1"


class Driver(Protocol):
    group: str
    environ: dict[str, str]  # so that another process finds it

    def bus(self) -> EventBus:
        """As another process would have it."""
        ...

    async def records(self, topic: str = TOPIC) -> list[Record]:
        """What the log holds, oldest first in each partition."""
        ...

    async def make(self, topic: str) -> None:
        """A topic that is not there yet."""
        ...

    async def rewind(self) -> None:
        """Let the group, none of whose members runs, begin anew."""
        ...

    async def cut(self) -> None:
        """Every connection is lost at once."""
        ...

    async def lose(self) -> None:
        """Everything it holds."""
        ...

    async def close(self) -> None: ...


class Postgres:
    def __init__(self, world: World) -> None:
        self._world, self.group = world, GROUP
        self.environ: dict[str, str] = {}

    def bus(self) -> EventBus:
        return PostgresLog(self._world.events, self._world.url("TARGET", "worker"))

    async def records(self, topic: str = TOPIC) -> list[Record]:
        return list(await self.bus().read([topic]))

    async def make(self, topic: str) -> None:
        """The first who names it makes it."""

    async def rewind(self) -> None:
        await self._world.target_admin.execute("truncate inbox_offset")

    async def cut(self) -> None:
        databases = [self._world.urls[name].rpartition("/")[2] for name in ("EVENTS", "TARGET")]
        kill = (
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = any($1) and pid <> pg_backend_pid()"
            " and usename like 'crew%'"
        )
        await self._world.source_admin.execute(kill, databases)

    async def lose(self) -> None:
        admin = await asyncpg.connect(self._world.urls["EVENTS"])
        await admin.execute("truncate event_log, log_partition")
        await admin.close()

    async def close(self) -> None: ...


class Kafka:
    """Its topics are emptied for each test; its group is new, so that nobody waits for one that was killed."""

    def __init__(self, brokers: Brokers) -> None:
        self.brokers, self.group = brokers, f"{GROUP}.{next(_NUMBERS)}"
        self.access = KafkaAccess(brokers.servers)
        self.environ = {"KAFKA": brokers.servers, "GROUP": self.group}
        self._buses: list[KafkaBus] = []

    def bus(self) -> EventBus:
        self._buses.append(KafkaBus(self.access))
        return self._buses[-1]

    @property
    def topics(self) -> list[Topic]:
        wide = [Topic(name, settings=SETTINGS) for name in (TOPIC, BULK_TOPIC, OTHER_TOPIC)]
        return [*wide, *(Topic(grave_of(name, self.group), 1) for name in (TOPIC, BULK_TOPIC))]

    async def empty(self) -> None:
        names = [LATE_TOPIC, *(topic.name for topic in self.topics)]
        admin = AIOKafkaAdminClient(**self.access.options)
        await admin.start()
        try:
            if there := [name for name in names if name in await admin.list_topics()]:
                await admin.delete_topics(there)
                await until(lambda: none_of(admin, there))
        finally:
            await admin.close()
        await self._apply(self.topics)

    async def make(self, topic: str) -> None:
        await self._apply([Topic(topic)])

    async def _apply(self, wanted: list[Topic]) -> None:
        async with Topics(self.access) as topics:
            await topics.apply(Plan(wanted), wanted, await topics.copies())

    async def records(self, topic: str = TOPIC) -> list[Record]:
        return list(await self.bus().read([topic]))

    async def rewind(self) -> None:
        consumer = AIOKafkaConsumer(**self.access.options, group_id=self.group, enable_auto_commit=False)
        await consumer.start()
        try:
            names = (TOPIC, BULK_TOPIC)
            places = [TopicPartition(name, n) for name in names for n in await _partitions(consumer, name)]
            consumer.assign(places)

            async def committed() -> bool:
                try:
                    await consumer.commit({place: OffsetAndMetadata(0, "") for place in places})
                except CommitFailedError:  # a member that was killed is not missed yet
                    return False
                return True

            await until(committed)
        finally:
            await consumer.stop()

    async def cut(self) -> None:
        broker = self.brokers.members[0]
        await asyncio.to_thread(broker.end, signal.SIGKILL)
        broker.start()
        await asyncio.to_thread(self.brokers.await_ready, broker)

    async def lose(self) -> None:
        await self.empty()

    async def close(self) -> None:
        for bus in self._buses:
            await bus.close()


async def none_of(admin: AIOKafkaAdminClient, names: Sequence[str]) -> bool:
    return not set(names) & set(await admin.list_topics())


async def _partitions(consumer: AIOKafkaConsumer, topic: str) -> set[int]:
    async def known() -> bool:
        await consumer._client.force_metadata_update()
        consumer._client.add_topic(topic)
        return bool(consumer.partitions_for_topic(topic))

    await until(known)
    found: set[int] = consumer.partitions_for_topic(topic)
    return found
