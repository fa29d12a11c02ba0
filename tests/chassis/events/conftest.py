"""A service, a consumer and an event log for each test."""

from collections.abc import AsyncIterator

import pytest

from chassis.events import kafka_group
from chassis.testing.postgres import Postgres as Server
from tests.chassis.events import world as worlds
from tests.chassis.events.drivers import Driver, Kafka, Postgres
from tests.chassis.events.world import World

_PREPARED: set[str] = set()


@pytest.fixture
async def world(postgres: Server) -> AsyncIterator[World]:
    if postgres.url not in _PREPARED:
        await worlds.prepare(postgres.url)
        _PREPARED.add(postgres.url)
    made = await worlds.create(postgres.url)
    yield made
    await made.close()


@pytest.fixture(params=["postgres", "kafka"])
async def driver(
    request: pytest.FixtureRequest, world: World, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Driver]:
    """Each event log in turn."""
    if request.param == "postgres":
        yield Postgres(world)
        return
    monkeypatch.setattr(kafka_group, "LOOK_SECONDS", 0.2)  # so that its watchdog has looked in every test
    kafka = Kafka(request.getfixturevalue("kafka"))
    await kafka.empty()
    yield kafka
    await kafka.close()
