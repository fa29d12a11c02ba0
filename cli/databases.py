"""The databases on one server: a role for each kind of work, a database a service, its extensions, its tables."""

import hashlib
import importlib
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

import asyncpg

from chassis.config import SERVICES
from chassis.database.migrate import MigrationFailed, Migrations, declared_sql, migrations_of_events, upgrade
from chassis.database.walls import ROLES, bootstrap_sql, quoted, roles_sql
from cli.home import ROOT, Trouble
from cli.suite import EVENTS, OWNERS, Suite

if TYPE_CHECKING:
    from chassis.service import Service

Connection = asyncpg.Connection


async def provision(suite: Suite, server: str, say: Callable[[str], None]) -> bool:
    """Make what is missing on `server`, a superuser's URL without a database; whether anything was. Raises Trouble.

    A service whose own KITH_<SERVICE>_DATABASE_URL is set has its database made by whoever set it; it is migrated.
    """
    changed = False
    try:
        admin = await asyncpg.connect(f"{server}/postgres")
    except (asyncpg.PostgresError, OSError) as error:
        raise Trouble(f"PostgreSQL at {_place(server)} cannot be used: {error}.") from None
    try:
        for name in OWNERS:
            if f"KITH_{name.upper()}_DATABASE_URL" not in suite.environ:
                changed |= await _roles(admin, name, suite.secrets, server)
                changed |= await _database(admin, name, server)
    except asyncpg.InsufficientPrivilegeError as error:
        raise Trouble(f"The user of KITH_DATABASE_URL may not set up databases: {error}.") from None
    except (asyncpg.PostgresError, OSError) as error:
        raise Trouble(f"The databases at {_place(server)} cannot be set up: {error}.") from None
    finally:
        await admin.close()
    for name in OWNERS:
        migrations = migrations_named(name)
        try:
            if await upgrade(migrations, suite.database_url(name, "owner", server)):
                say(f"migrated {name} to {migrations.head}")
                changed = True
        except MigrationFailed as error:
            raise Trouble(f"The tables cannot be brought up to date: {error}.") from None
    return changed


def service_named(name: str) -> "Service":
    """Raises Trouble for one that there is not."""
    if name not in SERVICES:
        raise Trouble(f"There is no service {name!r}; there are {', '.join(SERVICES)}.", 2)
    try:
        service: Service = importlib.import_module(f"{name}.app").SERVICE
    except ModuleNotFoundError as error:
        raise Trouble(f"The service {name} cannot be loaded: {error}.") from None
    return service


def migrations_named(name: str) -> Migrations:
    if name == EVENTS:
        return migrations_of_events()
    folder = ROOT / "services" / name / "migrations"
    return Migrations(name, folder, lambda: declared_sql(service_named(name)))  # to migrate, it need not be loaded


async def _roles(admin: "Connection[asyncpg.Record]", name: str, secrets: Mapping[str, str], server: str) -> bool:
    there = {row[0] for row in await admin.fetch("select rolname from pg_roles where rolname like $1", f"{name}\\_%")}
    passwords = {role: secrets[f"{name}_{role}"] for role in ROLES}
    making = dict(zip(ROLES, roles_sql(name, passwords).splitlines(), strict=True))
    missing = [role for role in ROLES if f"{name}_{role}" not in there]
    for role in missing:
        await admin.execute(making[role])
    lost = [
        role for role in ROLES if role not in missing and not await _knows(server, f"{name}_{role}", passwords[role])
    ]
    for role in lost:  # the server is older than our secrets
        await admin.execute(making[role].replace("create role", "alter role", 1))
    return bool(missing or lost)


async def _knows(server: str, role: str, password: str) -> bool:
    """Whether `role` may come in with `password`, whatever else may be missing."""
    at = f"postgresql://{role}:{quote(password)}@{server.rpartition('@')[2]}/postgres"
    try:
        connection = await asyncpg.connect(at)
    except (asyncpg.InvalidPasswordError, asyncpg.InvalidAuthorizationSpecificationError):
        return False
    await connection.close()
    return True


async def _database(admin: "Connection[asyncpg.Record]", name: str, server: str) -> bool:
    """Make it, and prepare it as its superuser; what was prepared is noted in the database's own comment."""
    database, prepared = f"kith_{name}", f"kith {hashlib.sha256(bootstrap_sql().encode()).hexdigest()[:16]}"
    note = await admin.fetchrow(
        "select shobj_description(oid, 'pg_database') from pg_database where datname = $1", database
    )
    if note is not None and note[0] == prepared:
        return False
    if note is None:
        await admin.execute(f"create database {quoted(database)} owner {quoted(f'{name}_owner')}")
        await admin.execute(f"revoke connect, temporary on database {quoted(database)} from public")
        users = ", ".join(quoted(f"{name}_{role}") for role in ROLES)
        await admin.execute(f"grant connect on database {quoted(database)} to {users}")
    inside = await asyncpg.connect(f"{server}/{database}")
    try:
        await inside.execute(bootstrap_sql())
    finally:
        await inside.close()
    await admin.execute(f"comment on database {quoted(database)} is '{prepared}'")
    return True


def _place(server: str) -> str:
    parts = urlsplit(server)
    return f"{parts.hostname}:{parts.port or 5432}"


async def answers(url: str) -> bool:
    """Whether PostgreSQL takes connections there. Raises Trouble if it is not the one that has our password."""
    try:
        connection = await asyncpg.connect(url, timeout=5)
    except (asyncpg.InvalidPasswordError, asyncpg.InvalidAuthorizationSpecificationError):
        raise Trouble("PostgreSQL does not take the password in secrets.json: it was made with another.") from None
    except (asyncpg.PostgresError, OSError):
        return False
    await connection.close()
    return True
