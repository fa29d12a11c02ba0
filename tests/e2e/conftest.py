"""One suite for all end-to-end tests, one more on Kafka for those about it; both tell a collector of their spans."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from cli.brokers import Brokers
from tests.e2e.spans import Spans, collector
from tests.e2e.suite import Suite, started


@pytest.fixture(scope="session")
def spans() -> Iterator[Spans]:
    """What the suites' processes record."""
    with collector() as found:
        yield found


@pytest.fixture(scope="session")
def suite(spans: Spans) -> Iterator[Suite]:
    with _at_home(**spans.environ) as running:
        yield running


@pytest.fixture(scope="session")
def on_kafka(spans: Spans, kafka: Brokers) -> Iterator[Suite]:
    """Events on a real broker."""
    with _at_home(KITH_EVENTS=kafka.url, **spans.environ) as running:
        yield running


@contextmanager
def _at_home(**told: str) -> Iterator[Suite]:
    with TemporaryDirectory(prefix="kith-e2e-", ignore_cleanup_errors=True) as home:
        Path(home).chmod(0o755)  # PostgreSQL runs as somebody else and has to reach what lies below
        with started(Path(home) / "kith", **told) as running:
            yield running
