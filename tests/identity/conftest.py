"""A fresh identity for each test."""

from collections.abc import AsyncIterator

import pytest

from chassis.testing.postgres import Postgres
from tests.identity import suite
from tests.identity.suite import World


@pytest.fixture
async def world(postgres: Postgres) -> AsyncIterator[World]:
    async with suite.world(postgres) as made:
        yield made
