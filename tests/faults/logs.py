"""The two event logs as anybody has them who is none of us: what they hold, put there by hand, read anew, lost."""

import asyncio
import signal
from collections.abc import AsyncIterator, Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

import asyncpg
import orjson
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition  # type: ignore[import-untyped]  # it has no types
from aiokafka.admin import AIOKafkaAdminClient  # type: ignore[import-untyped]  # likewise
from aiokafka.errors import KafkaError  # type: ignore[import-untyped]  # likewise
from aiokafka.structs import OffsetAndMetadata  # type: ignore[import-untyped]  # likewise

from chassis.config import SERVICES
from chassis.database.worker import open_pool
from chassis.events.bus import Message
from chassis.events.postgres_log import PostgresLog
from cli.brokers import Brokers
from cli.generated import secrets_of
from cli.home import Home
from cli.suite import Suite as Kith
from cli.suite import server_of
from tests.e2e.suite import Suite, until
from tests.faults.proxy import Fault, Proxy

LARGEST_BYTES = 30_000_000
START_SECONDS = 180.0
WAIT_MILLISECONDS = 200
# Who hears whom.
HEARS: Mapping[str, tuple[str, ...]] = {
    "identity": tuple(SERVICES),
    "contacts": ("identity", "sales", "service_desk", "marketing"),
    "sales": ("identity",),
    "service_desk": ("identity", "sales"),
    "marketing": ("identity", "contacts", "sales", "service_desk"),
}


@dataclass(frozen=True)
class Said:
    """One record of a topic, as it lies there."""

    topic: str
    partition: int
    key: str
    headers: Mapping[str, str]
    value: bytes


class Log(Protocol):
    name: str

    async def said(self, topics: Collection[str], keys: Collection[str] = ()) -> list[Said]:
        """What these topics hold, of these keys if any are named: oldest first in each partition."""
        ...

    async def put(self, messages: Sequence[Message]) -> None:
        """Append them, one after the other of each key."""
        ...

    async def rewind(self, services: Sequence[str]) -> None:
        """Let the groups of these services, which must not run, begin anew."""
        ...

    async def behind(self, services: Sequence[str], topics: Collection[str]) -> int:
        """How many records of these topics their groups have not dealt with."""
        ...

    def lose(self) -> None:
        """Everything that it held, and what its groups had read of it where it keeps that itself."""
        ...

    def away(self) -> AbstractContextManager[None]:
        """Nobody reaches it until the block ends."""
        ...


def topics_of(services: Sequence[str] = SERVICES) -> list[str]:
    """Both lanes of what these services say."""
    return [topic for name in services for topic in (f"kith.{name}.v1", f"kith.{name}.bulk.v1")]


@dataclass
class KafkaLog:
    """A cluster whose clients all come through proxies."""

    brokers: Brokers
    proxies: list[Proxy]
    name: str = field(default="kafka", init=False)

    @contextmanager
    def suffering(self, fault: Fault) -> Iterator[None]:
        """Everybody's way to every broker, until the block ends."""
        for proxy in self.proxies:
            proxy.suffer(fault)
        try:
            yield
        finally:
            for proxy in self.proxies:
                proxy.heal()

    def away(self) -> AbstractContextManager[None]:
        return self.suffering(Fault(refuses=True))

    async def said(self, topics: Collection[str], keys: Collection[str] = ()) -> list[Said]:
        found: list[Said] = []
        wanted = {key.encode() for key in keys}
        async with self._reader(isolation_level="read_committed") as reader:
            places = await self._places(topics)
            reader.assign(places)
            ends = await reader.end_offsets(places) if places else {}
            begins = await reader.beginning_offsets(places) if places else {}
            left = {place for place in places if begins[place] < ends[place]}
            while left:
                for place, records in (await reader.getmany(timeout_ms=WAIT_MILLISECONDS)).items():
                    found += [_said(place, one) for one in records if not wanted or one.key in wanted]
                left = {place for place in left if await reader.position(place) < ends[place]}
        return found

    async def put(self, messages: Sequence[Message]) -> None:
        producer = AIOKafkaProducer(
            bootstrap_servers=self.brokers.servers,
            acks="all",
            max_request_size=LARGEST_BYTES,
            linger_ms=5,
        )
        async with producer:
            sent = []
            for one in messages:
                headers = [(name, text.encode()) for name, text in one.headers.items()]
                sent.append(await producer.send(one.topic, one.value, one.key.encode(), headers=headers))
            await asyncio.gather(*sent)

    async def rewind(self, services: Sequence[str]) -> None:
        for name in services:
            async with self._reader(group_id=f"kith.{name}", enable_auto_commit=False) as reader:
                places = await self._places(topics_of())
                reader.assign(places)
                await reader.commit({place: OffsetAndMetadata(0, "") for place in places})

    async def behind(self, services: Sequence[str], topics: Collection[str]) -> int:
        async with self._reader() as reader, self._admin() as admin:
            places = await self._places(topics)
            ends = await reader.end_offsets(places)
            behind = 0
            for name in services:
                committed = await admin.list_consumer_group_offsets(f"kith.{name}")
                read = {place: max(0, found.offset) for place, found in committed.items()}
                heard = topics_of(HEARS[name])
                behind += sum(max(0, end - read.get(place, 0)) for place, end in ends.items() if place.topic in heard)
        return behind

    def lose(self) -> None:
        """All brokers die and their disks are new; there are no topics."""
        self.brokers.stop(signal.SIGKILL)
        self.brokers.forget()
        self.start()

    def start(self) -> None:
        """All brokers that do not run, until they know each other."""
        missing = [one for one in self.brokers.members if one.pid is None]
        with ThreadPoolExecutor() as threads:
            list(threads.map(lambda one: one.start(), missing))
        for one in missing:
            self.brokers.await_ready(one)
        until(lambda: asyncio.run(self._all_there()), START_SECONDS, every=0.3)

    async def _all_there(self) -> bool:
        try:
            async with self._admin() as admin:
                return len((await admin.describe_cluster())["brokers"]) == len(self.brokers.members)
        except KafkaError:
            return False

    async def in_sync(self) -> bool:
        """Whether each broker has all that the others have."""
        async with self._admin() as admin:
            described = await admin.describe_topics()
        parts = [part for one in described for part in one["partitions"]]
        return all(len(part["isr"]) == len(part["replicas"]) == len(self.brokers.members) for part in parts)

    @asynccontextmanager
    async def _reader(self, **told: Any) -> AsyncIterator[AIOKafkaConsumer]:
        servers = self.brokers.servers
        async with AIOKafkaConsumer(bootstrap_servers=servers, auto_offset_reset="earliest", **told) as reader:
            yield reader

    @asynccontextmanager
    async def _admin(self) -> AsyncIterator[AIOKafkaAdminClient]:
        admin = AIOKafkaAdminClient(bootstrap_servers=self.brokers.servers)
        await admin.start()
        try:
            yield admin
        finally:
            await admin.close()

    async def _places(self, topics: Collection[str]) -> list[TopicPartition]:
        async with self._admin() as admin:
            there = sorted(set(await admin.list_topics()).intersection(topics))
            described = await admin.describe_topics(there) if there else []
        return [TopicPartition(one["topic"], part["partition"]) for one in described for part in one["partitions"]]


@dataclass
class PostgresTables:
    """The log of a suite without Kafka: two tables in a database of their own."""

    suite: Suite
    name: str = field(default="postgres", init=False)

    async def said(self, topics: Collection[str], keys: Collection[str] = ()) -> list[Said]:
        sql = (
            "select * from event_log where topic = any($1) and (key = any($2) or cardinality($2::text[]) = 0)"
            ' order by topic, partition, "offset"'
        )
        async with self.database("events") as database:
            rows = await database.fetch(sql, list(topics), list(keys))
        return [
            Said(row["topic"], row["partition"], row["key"], orjson.loads(row["headers"]), row["value"]) for row in rows
        ]

    async def put(self, messages: Sequence[Message]) -> None:
        async with await open_pool(self._url("events", "worker"), 1) as pool:
            await PostgresLog(pool).publish(messages)

    async def rewind(self, services: Sequence[str]) -> None:
        for name in services:
            async with self.database(name) as database:
                await database.execute("truncate inbox_offset")

    async def behind(self, services: Sequence[str], topics: Collection[str]) -> int:
        sql = 'select count(*) from event_log where topic = $1 and partition = $2 and "offset" >= $3'
        behind = 0
        async with self.database("events") as events:
            heads = await events.fetch("select * from log_partition where topic = any($1)", list(topics))
            for name in services:
                async with self.database(name) as database:
                    rows = await database.fetch("select * from inbox_offset")
                read = {(row["topic"], row["partition"]): row["next_offset"] for row in rows}
                for place in ((row["topic"], row["partition"]) for row in heads):
                    if place[0] in topics_of(HEARS[name]):
                        behind += await events.fetchval(sql, *place, read.get(place, 0))
        return behind

    @contextmanager
    def away(self) -> Iterator[None]:
        done_by_superuser(self.suite, "identity", "alter database kith_events with allow_connections false")
        done_by_superuser(
            self.suite,
            "identity",
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = 'kith_events'",
        )
        try:
            yield
        finally:
            done_by_superuser(self.suite, "identity", "alter database kith_events with allow_connections true")

    def lose(self) -> None:
        asyncio.run(self._lose())

    async def _lose(self) -> None:
        async with self.database("events") as database:
            await database.execute("truncate event_log, log_partition")

    @asynccontextmanager
    async def database(self, name: str) -> "AsyncIterator[asyncpg.Connection[asyncpg.Record]]":
        """As the superuser."""
        connection = await asyncpg.connect(server_url(self.suite, name))
        try:
            yield connection
        finally:
            await connection.close()

    def _url(self, name: str, role: str) -> str:
        kith = _kith(self.suite)
        return kith.database_url(name, role, server_of(kith))


def server_url(suite: Suite, name: str) -> str:
    """One of its databases, as the superuser: for faults of the world around it, never to judge by."""
    return f"{server_of(_kith(suite))}/kith_{name}"


def done_by_superuser(suite: Suite, name: str, sql: str) -> None:
    """One statement in the database of a service."""

    async def done() -> None:
        connection = await asyncpg.connect(server_url(suite, name))
        try:
            await connection.execute(sql)
        finally:
            await connection.close()

    asyncio.run(done())


def _kith(suite: Suite) -> Kith:
    home = Home(suite.home)
    return Kith(home, secrets_of(home), suite.environ)


def _said(place: TopicPartition, record: Any) -> Said:
    headers = {name: value.decode(errors="replace") for name, value in record.headers}
    key = (record.key or b"").decode(errors="replace")
    return Said(place.topic, place.partition, key, headers, record.value or b"")
