"""A whole suite for faults, and the log that it is on."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from cli.brokers import brokers
from tests.e2e.suite import Suite, started
from tests.faults.logs import KafkaLog, Log, PostgresTables
from tests.faults.proxy import proxies

_KAFKA = pytest.param("kafka", marks=pytest.mark.kafka)
ON_EACH_LOG = pytest.mark.parametrize("rig", ["postgres", _KAFKA], indirect=True)
ON_KAFKA = pytest.mark.parametrize("rig", [_KAFKA], indirect=True)


@dataclass
class Rig:
    """A running suite, and the log it is on."""

    suite: Suite
    log: Log

    @property
    def kafka(self) -> KafkaLog:
        assert isinstance(self.log, KafkaLog)
        return self.log


@contextmanager
def on_postgres() -> Iterator[Rig]:
    with _home() as home, started(home) as suite:
        yield Rig(suite, PostgresTables(suite))


@contextmanager
def on_kafka() -> Iterator[Rig]:
    """Three brokers, each behind a proxy."""
    with proxies(3) as before, brokers(3, [one.port for one in before]) as cluster, _home() as home:
        for proxy, broker in zip(before, cluster.members, strict=True):
            proxy.target = broker.port
        with started(home, KITH_EVENTS=cluster.url) as suite:
            yield Rig(suite, KafkaLog(cluster, before))


@contextmanager
def _home() -> Iterator[Path]:
    with TemporaryDirectory(prefix="kith-faults-", ignore_cleanup_errors=True) as home:
        Path(home).chmod(0o755)  # PostgreSQL runs as somebody else and has to reach what lies below
        yield Path(home) / "kith"
