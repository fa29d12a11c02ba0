"""A desk for each test."""

from collections.abc import AsyncIterator

import pytest

from chassis.testing.postgres import Postgres
from chassis.testing.serving import serving
from service_desk.app import SERVICE
from tests.service_desk.desk import Desk
from tests.service_desk.people import people


@pytest.fixture
async def desk(postgres: Postgres) -> AsyncIterator[Desk]:
    async with serving(SERVICE, postgres, people()) as served:
        yield await Desk.furnished(served)
