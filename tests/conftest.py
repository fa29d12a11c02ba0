"""One PostgreSQL for the whole run."""

from collections.abc import Iterator

import pytest

from chassis.testing.postgres import Postgres, postgres_server


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    with postgres_server() as server:
        yield server
