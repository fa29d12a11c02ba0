"""P8: how fast the outbox drains into a real Kafka broker, and how fast events are taken in, each event once; against
aiokafka alone, producing and consuming the same records."""

import asyncio
import os
import statistics
import time
from collections.abc import Awaitable, Callable
from uuid import UUID

import asyncpg
import uvloop
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer  # type: ignore[import-untyped]  # it ships no types

from bench import arena
from bench.people import lead_of
from chassis.call import Call, Means
from chassis.calls import Calls
from chassis.database.session import Database
from chassis.database.worker import open_pool
from chassis.events.bus import Record
from chassis.events.consumer import Consumer
from chassis.events.kafka import BATCH_BYTES, KafkaBus
from chassis.events.kafka_access import KafkaAccess
from chassis.events.outbox import topic_of
from chassis.events.relay import Relay
from chassis.events.subscription import on
from chassis.events.topics import Plan, Topic, Topics
from chassis.testing.postgres import Postgres, Urls
from cli.brokers import available, brokers
from kith.sales.v1.lead_pb2 import LeadEvent
from sales.app import SERVICE

EVENTS = int(os.environ.get("KITH_BENCH_EVENTS", "20000"))
RECORDS = 2000
ROUNDS = int(os.environ.get("KITH_BENCH_ROUNDS", "3"))
GOAL = 0.5
TOPIC, FLOOR_TOPIC = topic_of("sales"), "bench.alone"
TENANT = UUID(int=1)
FILL = """
insert into outbox (lane, topic, id, aggregatetype, aggregateid, type, tenant_id, sequence, headers, payload)
select 0, $1, gen_random_uuid(), 'sales.lead', ('00000000-0000-7000-8000-' || lpad((n % $3)::text, 12, '0'))::uuid,
  'kith.sales.lead.updated.v1', $4, n / $3 + 1,
  '{"traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00"}', $5 from generate_series(0, $2 - 1) n
"""
TAKEN = "select coalesce(sum(next_offset), 0)::bigint from inbox_offset where consumer = $1"
Run = Callable[[], Awaitable[float]]


def main() -> None:
    if not available():
        print("P8 left out: a broker needs a JDK and Maven", flush=True)
        return
    with arena.postgres() as server, brokers() as cluster:
        uvloop.run(_measure(server, KafkaAccess(cluster.servers)))


async def _measure(server: Postgres, access: KafkaAccess) -> None:
    async with server.database(SERVICE) as urls:
        stage = Stage(urls, access)
        await stage.open()
        try:
            await _duel("P8a", "outbox to Kafka", stage.produced_alone, stage.drained)
            await _duel("P8b", "Kafka to inbox", stage.consumed_alone, stage.taken_in)
        finally:
            await stage.close()


async def _duel(name: str, what: str, floor: Run, ours: Run) -> None:
    found = []
    for _ in range(ROUNDS + 1):  # the first warms up
        found.append((await floor(), await ours()))
    ratios = [mine / bare for bare, mine in found[1:]]
    ratio = statistics.median(ratios)
    bare, mine = (statistics.median(each) for each in zip(*found[1:], strict=True))
    verdict = "ok" if ratio >= GOAL else "MISSED"
    spread = f"rounds {min(ratios):.2f}..{max(ratios):.2f}"
    print(
        f"{name} {ratio:.2f}x goal>={GOAL:g}x {verdict}  ({what}: {mine:,.0f} events/s against {bare:,.0f}, {spread})",
        flush=True,
    )


class Stage:
    """A service's database, a broker, and the same events on both sides. Each run answers events a second."""

    def __init__(self, urls: Urls, access: KafkaAccess) -> None:
        self._urls, self._access = urls, access
        self._bus = KafkaBus(access)
        self._groups = 0

    async def open(self) -> None:
        self._worker = await open_pool(self._urls.worker, 4)
        self._database = await Database.open(self._urls.app, 8)
        self._admin = await asyncpg.connect(self._urls.admin)
        wanted = [Topic(TOPIC), Topic(FLOOR_TOPIC)]
        async with Topics(self._access) as topics:
            await topics.apply(Plan(wanted), wanted, copies=1)
        await self.drained()
        self._records: list[Record] = list(await self._bus.read([TOPIC]))

    async def close(self) -> None:
        await self._bus.close()
        await self._worker.close()
        await self._database.close()
        await self._admin.close()

    async def drained(self) -> float:
        event = LeadEvent(verb="updated", after=lead_of(1), before=lead_of(1), changed_fields=["rating"])
        payload = event.SerializeToString()
        await self._admin.execute(FILL, TOPIC, EVENTS, RECORDS, TENANT, payload)
        await self._admin.execute("vacuum analyze outbox")
        relay = Relay(self._urls.worker, self._worker, self._bus)
        began, left = time.perf_counter(), EVENTS
        while left:
            left -= await relay.carry()
        return EVENTS / (time.perf_counter() - began)

    async def produced_alone(self) -> float:
        producer = AIOKafkaProducer(
            **self._access.options,
            enable_idempotence=True,
            acks="all",
            compression_type="lz4",
            max_batch_size=BATCH_BYTES,
        )
        await producer.start()
        began, sent = time.perf_counter(), []
        for record in self._records:
            message = record.message
            headers = [(name, text.encode()) for name, text in message.headers.items()]
            sent.append(await producer.send(FLOOR_TOPIC, message.value, key=message.key.encode(), headers=headers))
        await asyncio.gather(*sent)
        seconds = time.perf_counter() - began
        await producer.stop()
        return len(sent) / seconds

    async def consumed_alone(self) -> float:
        """From the first record on: finding the coordinator is not what is measured."""
        self._groups += 1
        consumer = AIOKafkaConsumer(
            FLOOR_TOPIC,
            **self._access.options,
            group_id=f"bench.alone.{self._groups}",
            auto_offset_reset="earliest",
            enable_auto_commit=False,
        )
        await consumer.start()
        count, first, began = 0, 0, 0.0
        while count < EVENTS:
            found = await consumer.getmany(timeout_ms=200, max_records=1000)
            count += sum(len(records) for records in found.values())
            if found and not began:
                began, first = time.perf_counter(), count
            await consumer.commit()
        seconds = time.perf_counter() - began
        await consumer.stop()
        return (count - first) / seconds

    async def taken_in(self) -> float:
        """Each by its inbox, in the consumer's own transactions, with an effect that does nothing."""
        self._groups += 1
        consumer = Consumer(Calls("bench", self._database, Means()), [on("sales.lead.updated", _nothing)])
        consumer.group = f"bench.ours.{self._groups}"
        reading = asyncio.create_task(consumer.run(self._bus))
        taken, first, began = 0, 0, 0.0
        while taken < EVENTS:
            await asyncio.sleep(0.01)
            taken = await self._admin.fetchval(TAKEN, consumer.group)
            if taken and not began:
                began, first = time.perf_counter(), taken
        seconds = time.perf_counter() - began
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
        return (taken - first) / seconds


async def _nothing(call: Call, event: LeadEvent) -> None: ...


if __name__ == "__main__":
    main()
