"""A shop whose tenant added fields of every type to its gadgets; the rival's added none."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from chassis.testing.postgres import Postgres
from chassis.testing.serving import Served, serving
from tests.chassis.custom.defined import SCHEMA
from tests.chassis.gadgets import ACME, SERVICE, people


@pytest.fixture
async def shop(postgres: Postgres) -> AsyncIterator[Served]:
    known = {name: replace(one, custom=SCHEMA) if one.tenant_id == ACME else one for name, one in people().items()}
    async with serving(SERVICE, postgres, known) as served:
        yield served
