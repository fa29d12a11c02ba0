"""A service as a process: its server, and beside it the relay, the consumers, the job runner and the sweeper."""

import asyncio
import logging
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, NoReturn, Protocol
from uuid import UUID

import uvloop

from chassis.access.caller import Caller
from chassis.access.neighbour import Authentication
from chassis.access.origin import networks_in
from chassis.call import Means
from chassis.calls import Calls
from chassis.config import MigrationSettings, ServiceSettings, load_or_exit
from chassis.database.session import Database
from chassis.database.worker import Pool, open_pool
from chassis.events.bus import EventBus
from chassis.events.consumer import Consumer
from chassis.events.relay import Relay
from chassis.jobs.runner import Runner
from chassis.logs import log_json
from chassis.memory import settle
from chassis.retention import sweep_always
from chassis.service import Service
from chassis.telemetry import OUTBOX_AGE, OUTBOX_ROWS, POOL, TRACING, trace_to
from chassis.transport.client import Neighbours
from chassis.transport.pipeline import Authenticate, Pipeline
from chassis.transport.server import Server, until_told_to_stop
from chassis.vitals import serve_vitals

MEASURE_SECONDS = 5.0
log = logging.getLogger(__name__)


class Access(Protocol):
    """How callers become known: identity over the network, or, in identity itself, its own tables."""

    @property
    def authenticate(self) -> Authenticate:
        """Who asks, by the metadata of a call."""
        ...

    async def watch(self) -> None:
        """Until cancelled: hear whose rights have changed."""
        ...

    async def principal(
        self, tenant_id: UUID, user_id: UUID, session_id: UUID | None, api_key_id: UUID | None = None
    ) -> Caller:
        """As whom a user's jobs work; set by a program, only while its API key is good."""
        ...

    def means(self, means: Means) -> Means:
        """What calls are given; identity adds what only it has."""
        ...


MakeAccess = Callable[[Calls, Pool, ServiceSettings], Awaitable[Access]]


class Beat:
    """Tells whoever carries on what was written that something was."""

    def __init__(self, *listeners: Callable[[], None]) -> None:
        self.listeners = [*listeners]

    def __call__(self) -> None:
        for wake in self.listeners:
            wake()


async def _setter(who: Access, tenant_id: UUID, user_id: UUID, api_key_id: UUID | None) -> Caller:
    return await who.principal(tenant_id, user_id, None, api_key_id)


async def over_the_network(calls: Calls, worker: Pool, settings: ServiceSettings) -> Access:
    """What every service but identity uses."""
    assert calls.means.neighbours is not None
    return Authentication(calls.means.neighbours)


def main(service: Service, access: MakeAccess = over_the_network) -> NoReturn:
    """`serve` until SIGTERM, or `migrate` to the newest revision. Ends the process."""
    match sys.argv[1:]:
        case ["serve"]:
            settings = load_or_exit(ServiceSettings, service.name)
            log_json(service.name, settings.log_level)
            trace_to(service.name, settings.otlp_endpoint, settings.trace_ratio)
            uvloop.run(serve(service, settings, access))
            TRACING.stop()
        case ["migrate"]:
            uvloop.run(_migrate(service))
        case _:
            sys.exit(f"usage: python -m {service.name} serve|migrate")
    sys.exit(0)


async def serve(service: Service, settings: ServiceSettings, access: MakeAccess = over_the_network) -> None:
    """Until SIGTERM: then refuse what is new, finish what runs, and stop. A part that fails ends the whole process."""
    async with running(service, settings, access) as port:
        settle()
        log.info("serving", extra={"port": port})
        await until_told_to_stop()
        log.info("draining")


@asynccontextmanager
async def running(service: Service, settings: ServiceSettings, access: MakeAccess) -> AsyncIterator[int]:
    """The service and all that works beside it, for as long as the block lasts; yields the server's port."""
    async with AsyncExitStack() as stack:
        database = await Database.open(settings.database_url, settings.pool_size)
        stack.push_async_callback(database.close)
        worker = await open_pool(settings.worker_database_url)
        stack.push_async_callback(worker.close)
        neighbours = Neighbours(settings.addresses, settings.key.get_secret_value())
        stack.push_async_callback(neighbours.close)
        bus, events = await _bus(settings)
        stack.push_async_callback(bus.close)
        if events:
            stack.push_async_callback(events.close)

        relay = Relay(settings.worker_database_url, worker, bus)
        means = Means(settings.page_secret.get_secret_value().encode(), neighbours)
        beat = Beat(relay.wake)
        calls = Calls(service.name, database, means, beat)
        who = await access(calls, worker, settings)
        means = who.means(means)
        calls = replace(calls, means=means)
        runner = Runner(calls, worker, partial(_setter, who), service.kinds)
        beat.listeners.append(runner.wake)
        consumer = Consumer(calls, service.subscriptions)
        pipeline = Pipeline(calls, who.authenticate, networks_in(settings.gateway_networks))
        server = Server(service, pipeline, f"{settings.host}:{settings.port}")

        beside = [
            who.watch(),
            relay.run(),
            consumer.run(bus),
            runner.run(),
            sweep_always(worker, events, service.nouns),
            _measure(relay, database),
        ]
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(work) for work in beside]
            await server.start()
            vitals = await serve_vitals(settings.host, settings.metrics_port, server.is_well)
            try:
                yield server.port
            finally:
                await server.stop()
                vitals.close()
                for task in tasks:
                    task.cancel()


async def _bus(settings: ServiceSettings) -> "tuple[EventBus, Pool | None]":
    if settings.events == "postgres":
        from chassis.events.postgres_log import PostgresLog  # only the driver that is used is loaded

        events = await open_pool(settings.events_database_url, 4)
        return PostgresLog(events, settings.worker_database_url), events
    from chassis.events.kafka import KafkaBus
    from chassis.events.kafka_access import KafkaAccess

    return KafkaBus(KafkaAccess.told(settings)), None


async def _measure(relay: Relay, database: Database) -> None:
    """The alarms: how much waits, and for how long."""
    while True:
        try:
            depth = await relay.depth()
        except Exception as error:  # the database is away; the next look may find it
            log.warning("not measured", extra={"why": repr(error)})
        else:
            OUTBOX_ROWS.set(depth.rows)
            OUTBOX_AGE.set(depth.age_seconds)
        for state, count in database.connections.items():
            POOL.labels("app", state).set(count)
        await asyncio.sleep(MEASURE_SECONDS)


async def _migrate(service: Service) -> None:
    from chassis.database.migrate import migrations_of, upgrade  # Alembic weighs 20 MB that serving does not need

    settings = load_or_exit(MigrationSettings, service.name)
    module: Any = sys.modules["__main__"]
    folder = Path(str(module.__file__)).parent / "migrations"
    changed = await upgrade(migrations_of(service, folder), settings.owner_database_url)
    if settings.events != "postgres":
        changed |= await _topics(service, settings)
    sys.stdout.write(f"{service.name}: {'migrated' if changed else 'nothing to migrate'}\n")


async def _topics(service: Service, settings: MigrationSettings) -> bool:
    """Whether any had to be made or set. Ends the process where the brokers cannot be used."""
    from aiokafka.errors import KafkaError  # type: ignore[import-untyped]  # it ships no types

    from chassis.events.kafka_access import KafkaAccess
    from chassis.events.topics import TopicsRefused, make_topics

    try:
        plan = await make_topics(KafkaAccess.told(settings), [service], settings.kafka_partitions)
    except (KafkaError, OSError, TopicsRefused) as error:
        sys.exit(f"{service.name}: its topics cannot be made at {settings.events}: {error}")
    return not plan.empty
