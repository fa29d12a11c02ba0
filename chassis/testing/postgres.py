"""A real PostgreSQL for a test run: one server, one template a service, one database a test."""

import itertools
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import asyncpg

from chassis.database.embedded import embedded_postgres
from chassis.database.schema import schema_sql
from chassis.database.walls import bootstrap_sql, grants_sql, quoted, roles_sql
from chassis.events import postgres_log
from chassis.resource.purge_walls import sweeping_sql
from chassis.service import Service

QUICK = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off", "max_connections": "300"}
NUMBERS = itertools.count(1)


@dataclass(frozen=True)
class Urls:
    """The ways into one database: as the superuser and as each of its roles."""

    admin: str
    owner: str
    app: str
    worker: str


@dataclass
class Postgres:
    """A server of the run's own; templates are made when a service is first asked for."""

    url: str  # the superuser's, without a database
    _templates: set[str] = field(default_factory=set)

    @asynccontextmanager
    async def database(self, service: Service) -> AsyncIterator[Urls]:
        """A fresh database of `service`, behind its walls; gone afterwards."""
        await self._template(service)
        name = f"{service.name}_{next(NUMBERS)}"
        async with self._fresh(name, f"template {quoted(template_of(service))}"):
            at = self.url.partition("@")[2]
            roles = (f"postgresql://{service.name}_{role}:{role}@{at}/{name}" for role in ("owner", "app", "worker"))
            yield Urls(f"{self.url}/{name}", *roles)

    @asynccontextmanager
    async def events(self) -> AsyncIterator[str]:
        """The URL of a fresh event log."""
        name = f"events_{next(NUMBERS)}"
        async with self._fresh(name, ""):
            await self._run(name, schema_sql([postgres_log.METADATA]))
            yield f"{self.url}/{name}"

    @asynccontextmanager
    async def _fresh(self, name: str, options: str) -> AsyncIterator[None]:
        await self._run("postgres", f"create database {quoted(name)} {options}")
        try:
            yield
        finally:
            await self._run("postgres", f"drop database {quoted(name)} with (force)")

    async def _template(self, service: Service) -> None:
        if service.name in self._templates:
            return
        owner, template = quoted(f"{service.name}_owner"), template_of(service)
        await self._run("postgres", roles_sql(service.name, {"owner": "owner", "app": "app", "worker": "worker"}))
        await self._run("postgres", f"create database {quoted(template)} owner {owner}")
        await self._run(template, bootstrap_sql())
        schema = schema_sql(service.metadata) + grants_sql(service) + sweeping_sql(service.name, service.nouns)
        await self._run(template, f"set role {owner}; {schema}")
        self._templates.add(service.name)

    async def _run(self, database: str, sql: str) -> None:
        connection = await asyncpg.connect(f"{self.url}/{database}")
        try:
            await connection.execute(sql)
        finally:
            await connection.close()


def free_port() -> int:
    """One nobody listens on at this moment."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    return port


def template_of(service: Service) -> str:
    return f"{service.name}_template"


@contextmanager
def postgres_server() -> Iterator[Postgres]:
    """Until the block ends. Nothing is kept, and nothing is waited for on the disk."""
    with TemporaryDirectory(prefix="kith-test-", ignore_cleanup_errors=True) as home:
        Path(home).chmod(0o755)  # an unprivileged user has to reach what lies below
        with embedded_postgres(Path(home) / "postgres", free_port(), QUICK) as url:
            yield Postgres(url)
