"""P7: from a contact's reply to its event applied in marketing, at 200 writes a second, through a real Kafka broker;
against a record from producer to consumer of the same broker, in turns."""

import asyncio
import os
import statistics
import time
from collections.abc import Callable, Coroutine
from datetime import UTC
from uuid import UUID

import asyncpg
import grpc
import uvloop
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer  # type: ignore[import-untyped]  # it ships no types
from aiokafka.admin import AIOKafkaAdminClient, NewTopic  # type: ignore[import-untyped]  # likewise

from bench.p10_start import suite
from chassis.ids import event_id
from cli.brokers import available, brokers
from cli.generated import secrets_of
from cli.home import Home
from cli.suite import Suite, server_of
from kith.contacts.v1.contact_pb2 import Contact, CreateContactRequest

A_SECOND, SECONDS = 200, float(os.environ.get("KITH_BENCH_SECONDS", "5"))
ROUNDS = int(os.environ.get("KITH_BENCH_ROUNDS", "4"))
POLL_SECONDS, PATIENCE_SECONDS = 0.002, 30.0
GOAL, MOST_SECONDS = 3.0, 2.0
TOPIC = "bench.round_trip"
APPLIED = "select event_id from inbox where consumer = 'kith.marketing' and event_id = any($1)"
Trip = Callable[[int], Coroutine[None, None, None]]


def main() -> None:
    if not available():
        print("P7 left out: a broker needs a JDK and Maven", flush=True)
        return
    with brokers() as cluster:
        os.environ["KITH_EVENTS"] = cluster.url
        try:
            with suite() as (home, _):
                floor, ours = uvloop.run(_measure(home, cluster.servers))
        finally:
            del os.environ["KITH_EVENTS"]
    ratio, worst = _p99(ours) / _p99(floor), _p99(ours)
    verdict = "ok" if ratio <= GOAL and worst < MOST_SECONDS else "MISSED"
    figures = f"p50 {_ms(statistics.median(ours))} against {_ms(statistics.median(floor))}, p99 {_ms(worst)} against "
    print(f"P7 {ratio:.2f}x goal<={GOAL:g}x {verdict}  ({figures}{_ms(_p99(floor))}, {len(ours)} events)", flush=True)


async def _measure(home: Home, servers: str) -> tuple[list[float], list[float]]:
    """Seconds of each trip, of both sides; the first round warms up and does not count."""
    floor, ours = Floor(servers), Ours(home)
    await floor.open()
    await ours.open()
    try:
        for round in range(ROUNDS + 1):
            for side in (floor, ours):
                await _at_a_steady_pace(side.trip)
                await side.arrived()
                if not round:
                    side.seconds.clear()
    finally:
        await ours.close()
        await floor.close()
    return floor.seconds, ours.seconds


async def _at_a_steady_pace(trip: Trip) -> None:
    began, trips = time.perf_counter(), set()
    for n in range(int(A_SECOND * SECONDS)):
        await asyncio.sleep(max(0.0, began + n / A_SECOND - time.perf_counter()))
        trips.add(asyncio.create_task(trip(n)))
    await asyncio.gather(*trips)


class Floor:
    """A record of an event's size, to the broker and back."""

    def __init__(self, servers: str) -> None:
        self._servers, self.seconds = servers, list[float]()
        self._sent: dict[bytes, float] = {}

    async def open(self) -> None:
        admin = AIOKafkaAdminClient(bootstrap_servers=self._servers)
        await admin.start()
        await admin.create_topics([NewTopic(TOPIC, 8, 1)])
        await admin.close()
        self._producer = AIOKafkaProducer(bootstrap_servers=self._servers, enable_idempotence=True, acks="all")
        self._consumer = AIOKafkaConsumer(TOPIC, bootstrap_servers=self._servers)
        await self._producer.start()
        await self._consumer.start()
        self._reading = asyncio.create_task(self._read())

    async def trip(self, n: int) -> None:
        key = f"{n}-{time.monotonic_ns()}".encode()
        self._sent[key] = time.perf_counter()
        await self._producer.send_and_wait(TOPIC, b"x" * 700, key=key)

    async def _read(self) -> None:
        async for record in self._consumer:
            self.seconds.append(time.perf_counter() - self._sent.pop(record.key))

    async def arrived(self) -> None:
        await _until_empty(self._sent)

    async def close(self) -> None:
        self._reading.cancel()
        await asyncio.gather(self._reading, return_exceptions=True)
        await self._consumer.stop()
        await self._producer.stop()


class Ours:
    """CreateContact at contacts, and marketing's inbox."""

    def __init__(self, home: Home) -> None:
        self._home, self.seconds = home, list[float]()
        self._sent: dict[UUID, float] = {}

    async def open(self) -> None:
        access, suite = self._home.read("demo.json"), Suite(self._home, secrets_of(self._home))
        self._metadata = (("authorization", f"Bearer {access['api_key']}"),)
        self._channel = grpc.aio.insecure_channel(access["grpc"]["contacts"])
        self._create = self._channel.unary_unary(
            "/kith.contacts.v1.Contacts/CreateContact", CreateContactRequest.SerializeToString, Contact.FromString
        )
        self._marketing = await asyncpg.connect(suite.database_url("marketing", "owner", server_of(suite)))
        self._contacts = await asyncpg.connect(suite.database_url("contacts", "owner", server_of(suite)))
        self._tenant = await self._tenant_id()
        self._looking = asyncio.create_task(self._look())

    async def _tenant_id(self) -> UUID:
        made = await self._made(-1)
        found: UUID = await self._contacts.fetchval("select tenant_id from history where aggregateid = $1", made.id)
        return found

    async def _made(self, n: int) -> Contact:
        name = f"Customer {n} of {time.monotonic_ns()}"
        contact = Contact(display_name=name, description="Asked for a quotation of ten robots at the fair.")
        reply: Contact = await self._create(
            CreateContactRequest(contact=contact), metadata=self._metadata, timeout=PATIENCE_SECONDS
        )
        return reply

    async def trip(self, n: int) -> None:
        made = await self._made(n)
        replied = time.perf_counter()
        moment = made.create_time.ToDatetime(tzinfo=UTC)
        self._sent[event_id(moment, self._tenant, "contacts.contact", UUID(made.id), 1)] = replied

    async def _look(self) -> None:
        while True:
            if self._sent:
                rows = await self._marketing.fetch(APPLIED, list(self._sent))
                seen = time.perf_counter()
                self.seconds += [max(0.0, seen - self._sent.pop(row["event_id"])) for row in rows]
            await asyncio.sleep(POLL_SECONDS)

    async def arrived(self) -> None:
        await _until_empty(self._sent)

    async def close(self) -> None:
        self._looking.cancel()
        await asyncio.gather(self._looking, return_exceptions=True)
        await self._channel.close()
        await self._marketing.close()
        await self._contacts.close()


async def _until_empty(waiting: "dict[bytes, float] | dict[UUID, float]") -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while waiting:  # noqa: ASYNC110  # another task empties it
            await asyncio.sleep(POLL_SECONDS)


def _p99(seconds: list[float]) -> float:
    return statistics.quantiles(seconds, n=100)[98]


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms"


if __name__ == "__main__":
    main()
