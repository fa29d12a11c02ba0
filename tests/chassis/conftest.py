"""A shop of gadgets for each test."""

from collections.abc import AsyncIterator

import pytest

from chassis.testing.postgres import Postgres
from chassis.testing.serving import Served, serving
from tests.chassis.gadgets import SERVICE, people


@pytest.fixture
async def shop(postgres: Postgres) -> AsyncIterator[Served]:
    async with serving(SERVICE, postgres, people()) as served:
        yield served
