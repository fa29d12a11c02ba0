"""One PostgreSQL, and where it is asked for one Kafka, for the whole run."""

from collections.abc import Iterator

import pytest

from chassis.testing.postgres import Postgres, postgres_server
from cli.brokers import Brokers, available, brokers


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    with postgres_server() as server:
        yield server


@pytest.fixture(scope="session")
def kafka() -> Iterator[Brokers]:
    """A real broker for the run, where this machine can have one."""
    if not available():
        pytest.skip("a broker needs a JDK and Maven")
    with brokers() as cluster:
        yield cluster
