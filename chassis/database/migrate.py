"""Migrations of one database, with Alembic, as the role that owns it; the first one is frozen from what is declared."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlsplit

import asyncpg
from alembic import command, op
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, pool
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.ext.asyncio import create_async_engine

from chassis.database.schema import schema_sql
from chassis.database.walls import grants_sql, quoted
from chassis.events import log_tables
from chassis.resource.purge_walls import sweeping_sql

if TYPE_CHECKING:
    from chassis.service import Service

BASELINE = "0001"
LOCK = 0x6B69_7469  # one migration of a database at a time, whoever runs it
LOCK_SECONDS = 2  # a migration that would make callers wait longer gives up
ENVIRONMENT = Path(__file__).parent / "migrations"
T = TypeVar("T")

_BASELINE_PY = '''"""The tables as they were declared first; frozen in {name}_baseline.sql."""

from pathlib import Path

from chassis.database.migrate import drop_everything, run_sql

revision = "{name}"
down_revision = None


def upgrade() -> None:
    run_sql((Path(__file__).parent / "{name}_baseline.sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    drop_everything()
'''
_DROP_EVERYTHING = """
do $$ declare one record; begin
  for one in select c.oid::regclass as name from pg_class c
      where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
      and c.relname <> 'alembic_version' and c.relowner = current_user::regrole
  loop execute format('drop table %s cascade', one.name); end loop;
  for one in select p.oid::regprocedure as name from pg_proc p
      where p.pronamespace = 'public'::regnamespace and p.proowner = current_user::regrole
  loop execute format('drop function %s cascade', one.name); end loop;
end $$"""


class MigrationFailed(Exception):
    """A migration cannot be run; the message is one sentence."""


@dataclass(frozen=True)
class Migrations:
    """The revisions of one database; `declared` is the SQL of the schema as the code has it now."""

    name: str
    folder: Path
    declared: Callable[[], str]

    def config(self, connection: Connection | None = None, output: io.StringIO | None = None) -> Config:
        config = Config(output_buffer=output, stdout=io.StringIO())
        config.set_main_option("script_location", str(ENVIRONMENT).replace("%", "%%"))
        config.set_main_option("version_locations", str(self.folder).replace("%", "%%"))
        config.set_main_option("path_separator", "newline")
        config.attributes["connection"] = connection
        return config

    @property
    def head(self) -> str:
        """The newest revision; "" if there is none."""
        return ScriptDirectory.from_config(self.config()).get_current_head() or ""


def migrations_of(service: Service, folder: Path) -> Migrations:
    return Migrations(service.name, folder, lambda: declared_sql(service))


def declared_sql(service: Service) -> str:
    return schema_sql(service.metadata) + "\n" + grants_sql(service) + sweeping_sql(service.name, service.nouns)


def migrations_of_events() -> Migrations:
    """Of the event log in PostgreSQL, which all services share; they use it as its worker."""
    tables = ", ".join(quoted(name) for name in log_tables.METADATA.tables)
    grants = f"grant select, insert, update, delete on {tables} to {quoted('events_worker')};\n"
    folder = Path(log_tables.__file__).parent / "migrations"
    return Migrations("events", folder, lambda: schema_sql([log_tables.METADATA]) + "\n" + grants)


async def status(migrations: Migrations, url: str) -> str:
    """The revision of the database at `url`; "" if it has none. Raises MigrationFailed."""
    return await _connected(migrations, url, lambda at: MigrationContext.configure(at).get_current_revision() or "")


async def upgrade(migrations: Migrations, url: str, to: str = "head") -> bool:
    """Whether anything was to do; each revision is one transaction. Raises MigrationFailed."""
    if to == "head" and await status(migrations, url) == migrations.head:
        return False
    await _connected(migrations, url, lambda at: command.upgrade(migrations.config(at), to))
    return True


async def downgrade(migrations: Migrations, url: str, to: str) -> None:
    """Back to revision `to`, or `base`, or `-1`. Raises MigrationFailed."""
    await _connected(migrations, url, lambda at: command.downgrade(migrations.config(at), to))


def upgrade_sql(migrations: Migrations, since: str = "base") -> str:
    """What `upgrade` would run from revision `since` on."""
    out = io.StringIO()
    command.upgrade(migrations.config(output=out), f"{since}:head", sql=True)
    return out.getvalue()


def write_baseline(migrations: Migrations) -> Path:
    """Freeze the declared schema as the first revision. Raises MigrationFailed once there is a second one."""
    if migrations.folder.exists() and migrations.head not in ("", BASELINE):
        raise MigrationFailed(f"{migrations.name} has revisions after {BASELINE}: write another one instead")
    migrations.folder.mkdir(parents=True, exist_ok=True)
    frozen = migrations.folder / f"{BASELINE}_baseline.sql"
    frozen.write_text(migrations.declared(), encoding="utf-8")
    (migrations.folder / f"{BASELINE}_baseline.py").write_text(_BASELINE_PY.format(name=BASELINE), encoding="utf-8")
    return frozen


def write_revision(migrations: Migrations, says: str) -> Path:
    """An empty revision after the newest."""
    number = f"{int(migrations.head or 0) + 1:04}"
    made = command.revision(migrations.config(), says, rev_id=number, version_path=str(migrations.folder))
    assert made is not None
    assert not isinstance(made, list)
    return Path(made.path)


def run_sql(sql: str) -> None:
    """For revisions: run a whole script, just as it is, in the revision's transaction."""
    if op.get_context().as_sql:
        op.get_context().impl.static_output(sql)
        return
    at = op.get_bind()
    at.exec_driver_sql("select 1")  # the driver's transaction begins with the first statement it is given itself
    raw = at.connection.dbapi_connection
    assert raw is not None
    raw.run_async(lambda driver: driver.execute(sql))


def drop_everything() -> None:
    """For the first revision's way back."""
    run_sql(_DROP_EVERYTHING)


async def _connected(migrations: Migrations, url: str, work: Callable[[Connection], T]) -> T:
    parts = urlsplit(url)
    engine = create_async_engine(parts._replace(scheme="postgresql+asyncpg").geturl(), poolclass=pool.NullPool)
    try:
        async with engine.connect() as at:
            await at.exec_driver_sql(f"set lock_timeout = '{LOCK_SECONDS}s'")
            await at.exec_driver_sql(f"select pg_advisory_lock({LOCK})")
            await at.commit()
            done = await at.run_sync(work)
            await at.commit()
            return done
    except (SQLAlchemyError, asyncpg.PostgresError, OSError) as error:
        said = str(error.orig if isinstance(error, DBAPIError) else error).splitlines()
        where = f"{parts.hostname}:{parts.port or 5432}{parts.path}"
        raise MigrationFailed(f"{migrations.name} at {where}: {said[0] if said else type(error).__name__}") from error
    finally:
        await engine.dispose()
