"""A crowd for each test."""

from collections.abc import AsyncIterator

import pytest

from chassis.testing.postgres import Postgres
from chassis.testing.serving import serving
from marketing.app import SERVICE
from tests.marketing.crowd import Crowd
from tests.marketing.people import people


@pytest.fixture
async def crowd(postgres: Postgres) -> AsyncIterator[Crowd]:
    async with serving(SERVICE, postgres, people()) as served:
        yield await Crowd.gathered(served)
