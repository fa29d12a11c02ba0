"""A market for each test."""

from collections.abc import AsyncIterator

import pytest

from chassis.testing.neighbours import NextDoor
from chassis.testing.postgres import Postgres
from chassis.testing.serving import serving
from sales.app import SERVICE
from tests.sales.market import Market
from tests.sales.people import people


@pytest.fixture
async def market(postgres: Postgres) -> AsyncIterator[Market]:
    async with serving(SERVICE, postgres, people(), NextDoor()) as served:
        yield await Market.furnished(served)
