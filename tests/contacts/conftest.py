"""An office with contacts for each test."""

from collections.abc import AsyncIterator

import pytest

from chassis.testing.postgres import Postgres
from chassis.testing.serving import Served, serving
from contacts.app import SERVICE
from tests.contacts.people import people


@pytest.fixture
async def office(postgres: Postgres) -> AsyncIterator[Served]:
    async with serving(SERVICE, postgres, people()) as served:
        yield served
