"""A home of a test's own, on ports of its own, with stand-ins for the services."""

import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from sqlalchemy import Column, MetaData, Table, Text

from chassis.config import PORTS
from chassis.database import embedded
from chassis.database.embedded import free_port
from chassis.database.migrate import Migrations, migrations_of_events, write_baseline
from chassis.database.schema import schema_sql
from chassis.testing.postgres import QUICK, postgres_server
from cli import control, databases, suite, up
from cli.home import Home
from cli.suite import variable_of_port

SETTINGS = embedded.SETTINGS
STAND_IN = Path(__file__).parent / "stand_in.py"


@pytest.fixture
def lasting_home(monkeypatch: pytest.MonkeyPatch) -> Iterator[Home]:
    """As people have it. Whatever runs in it is stopped when the test ends."""
    yield from _home(monkeypatch)


@pytest.fixture
def home(lasting_home: Home, monkeypatch: pytest.MonkeyPatch) -> Home:
    """The same, without waiting for the disk."""
    return _quick(lasting_home, monkeypatch)


@pytest.fixture(scope="module")
def standing() -> Iterator[Home]:
    """One where everything runs, for tests that leave it so."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        for made in _home(monkeypatch):
            up.up(_quick(made, monkeypatch), lambda line: None)
            yield made


def _different_ports() -> set[int]:
    ports: set[int] = set()
    while len(ports) < len(PORTS):
        ports.add(free_port())
    return ports


def _home(monkeypatch: pytest.MonkeyPatch) -> Iterator[Home]:
    with TemporaryDirectory(prefix="kith-test-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)  # PostgreSQL's user goes through it, which pytest's own folders do not let
        monkeypatch.setenv("KITH_HOME", f"{folder}/kith")
        monkeypatch.setattr(embedded, "SETTINGS", SETTINGS)
        monkeypatch.setattr(up, "cluster_in", embedded.cluster_in)
        for name, port in zip(PORTS, _different_ports(), strict=True):
            monkeypatch.setenv(variable_of_port(name), str(port))
        monkeypatch.setattr(suite, "argv_of", lambda name: [sys.executable, str(STAND_IN), name, "serve"])
        monkeypatch.setattr(suite, "version_of", lambda name: "1")  # others may be editing the code meanwhile
        monkeypatch.setattr(databases, "migrations_named", lambda name: _migrations(Path(folder) / "migrations", name))
        made = Home.here()
        yield made
        control.stop(made)


def _quick(home: Home, monkeypatch: pytest.MonkeyPatch) -> Home:
    monkeypatch.setattr(embedded, "SETTINGS", {**SETTINGS, **QUICK})
    monkeypatch.setattr(up, "cluster_in", partial(embedded.cluster_in, durable=False))
    return home


def _migrations(folder: Path, name: str) -> Migrations:
    if name == "events":
        made = Migrations(name, folder / name, migrations_of_events().declared)
    else:
        tables = MetaData()
        Table(f"{name}_things", tables, Column("id", Text, primary_key=True))
        made = Migrations(name, folder / name, lambda: schema_sql([tables]))
    if not made.folder.exists():
        write_baseline(made)
    return made


@pytest.fixture
def postgres_url() -> Iterator[str]:
    """A superuser's way into a server that is none of ours."""
    with postgres_server() as server:
        yield server.url
