"""`kith doctor`: what could be wrong with this installation, looked at one by one."""

import asyncio
import shutil
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import asyncpg
from pydantic_settings import BaseSettings

from chassis.config import PORTS, SERVICES, MigrationSettings, ServiceSettings, fields_of, variable_of
from chassis.database.binaries import NoDatabase, find_binaries
from cli.control import running, state_of
from cli.generated import secrets_of
from cli.health import SERVING, health_of
from cli.home import Home, Trouble
from cli.settings import kind_of
from cli.suite import Suite, server_of

LEAST_ROOM_BYTES = 1_000_000_000
DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
OWN = {"KITH_HOME", "KITH_DATABASE_URL", "KITH_POSTGRES_PORT", "KITH_CRASH"}  # read by commands and tests


@dataclass(frozen=True)
class Finding:
    good: bool
    says: str


def findings(home: Home, environ: Mapping[str, str]) -> Iterator[Finding]:
    """Each thing looked at, as it was found."""
    version = ".".join(map(str, sys.version_info[:3]))
    yield Finding(sys.version_info >= (3, 11), f"Python {version}; 3.11 or later is needed")
    room = shutil.disk_usage(home.folder if home.folder.exists() else home.folder.parent).free
    yield Finding(room > LEAST_ROOM_BYTES, f"{room / 1e9:.1f} GB free for {home.folder}; 1 GB or more is needed")
    yield from _variables(environ)
    if not environ.get("KITH_DATABASE_URL"):
        yield _binaries()
    if not running(home):
        yield Finding(True, "nothing is started; kith up starts it")
        return
    try:
        suite = Suite(home, secrets_of(home), environ)
    except Trouble as trouble:
        yield Finding(False, str(trouble))
        return
    yield from _processes(home, suite)
    yield from asyncio.run(_server(server_of(suite)))


def known_variables() -> set[str]:
    """Every KITH_ variable that anything reads."""
    kinds: list[tuple[type[BaseSettings], tuple[str, ...]]] = [
        (ServiceSettings, tuple(SERVICES)),
        (MigrationSettings, (*SERVICES, "events")),
        (kind_of("gateway"), ("gateway",)),
        (kind_of("identity"), ("identity",)),
    ]
    names = {
        variable_of(field, info).name.format(SERVICE=service.upper())
        for kind, services in kinds
        for service in services
        for field, info in fields_of(kind)
    }
    return names | {f"{name}_FILE" for name in names} | OWN


def _variables(environ: Mapping[str, str]) -> Iterator[Finding]:
    unknown = sorted({name for name in environ if name.startswith("KITH_")} - known_variables())
    for name in unknown:
        yield Finding(False, f"{name} is set, and nothing reads a variable of that name")
    if not unknown:
        yield Finding(True, "every KITH_ variable that is set is one of ours")


def _binaries() -> Finding:
    try:
        binaries = find_binaries()
    except NoDatabase as error:
        return Finding(False, str(error))
    return Finding(True, f"PostgreSQL {binaries.major} in {binaries.folder}")


def _processes(home: Home, suite: Suite) -> Iterator[Finding]:
    about = state_of(home)
    for name in PORTS:
        health = health_of(name, f"127.0.0.1:{suite.port(name)}")
        restarts = about.get(name, {}).get("restarts", 0)
        yield Finding(health == SERVING, f"{name} is {health} on port {suite.port(name)}, restarted {restarts} times")


async def _server(server: str) -> list[Finding]:
    """Whether what PostgreSQL says is done is on the disk (R08)."""
    try:
        connection = await asyncpg.connect(f"{server}/postgres", timeout=5)
    except (asyncpg.PostgresError, OSError) as error:
        return [Finding(False, f"PostgreSQL cannot be asked: {error}")]
    try:
        found = []
        for setting, wanted in DURABLE.items():
            value = await connection.fetchval("select current_setting($1)", setting)
            found.append(
                Finding(value == wanted, f"PostgreSQL has {setting} {value}; an answered write needs {wanted}")
            )
        return found
    finally:
        await connection.close()
