"""Migrations: the first one is what the code declares, the way back leaves nothing, and drift is told (R16)."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import asyncpg
import pytest

from chassis.database.drift import described, drift
from chassis.database.migrate import (
    MigrationFailed,
    Migrations,
    downgrade,
    migrations_of,
    status,
    upgrade,
    upgrade_sql,
    write_baseline,
    write_revision,
)
from chassis.testing.postgres import Postgres, Urls
from tests.chassis.gadgets import SERVICE


@pytest.fixture
def migrations(tmp_path: Path) -> Migrations:
    made = migrations_of(SERVICE, tmp_path / "migrations")
    write_baseline(made)
    return made


@pytest.fixture
async def empty(postgres: Postgres, migrations: Migrations) -> AsyncIterator[Urls]:
    """A database of the shop, with its roles and without its tables."""
    async with postgres.database(SERVICE) as urls:
        connection = await asyncpg.connect(urls.admin)
        await connection.execute("drop schema public cascade; create schema public; create extension btree_gin;")
        await connection.execute(
            f"alter database {urls.admin.rpartition(chr(47))[2]} owner to {SERVICE.name}_owner;"
            f"alter schema public owner to pg_database_owner"
        )
        await connection.close()
        yield urls


async def test_the_first_revision_makes_what_is_declared(migrations: Migrations, empty: Urls) -> None:
    assert await status(migrations, empty.owner) == ""
    assert await upgrade(migrations, empty.owner)
    assert await status(migrations, empty.owner) == migrations.head == "0001"
    assert await drift(migrations, empty.owner) == []


async def test_a_second_upgrade_finds_nothing_to_do(migrations: Migrations, empty: Urls) -> None:
    assert await upgrade(migrations, empty.owner)
    assert not await upgrade(migrations, empty.owner)


async def test_down_and_up_again_come_to_the_same_schema(migrations: Migrations, empty: Urls) -> None:
    connection = await asyncpg.connect(empty.owner)
    before = await described(connection, "public")
    await upgrade(migrations, empty.owner)
    between = await described(connection, "public")
    await downgrade(migrations, empty.owner, "base")
    assert await described(connection, "public") == before
    await upgrade(migrations, empty.owner)
    assert await described(connection, "public") == between
    await connection.close()


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("alter table gadget add surplus text", "not declared: column gadget.surplus"),
        ("alter table gadget drop column display_name cascade", "missing: column gadget.display_name"),
        ("alter table gadget alter display_name drop not null", "differs: column gadget.display_name"),
        ("drop policy tenant on gadget", "missing: policy gadget.tenant"),
        ("alter policy tenant on gadget using (true)", "differs: policy gadget.tenant"),
        ("alter table gadget no force row level security", "differs: table gadget"),
        ("revoke insert on gadget from {app}", "differs: grant gadget to {app}"),
        ("grant select on gadget to public", "not declared: grant gadget to public"),
        ("create index stray on gadget (id)", "not declared: index stray"),
        ("create function stray() returns int language sql return 1", "not declared: function stray()"),
    ],
)
async def test_drift_is_told(migrations: Migrations, empty: Urls, change: str, told: str) -> None:
    roles = {"app": f"{SERVICE.name}_app", "worker": f"{SERVICE.name}_worker"}
    await upgrade(migrations, empty.owner)
    connection = await asyncpg.connect(empty.owner)
    await connection.execute(change.format(**roles))
    await connection.close()
    found = await drift(migrations, empty.owner)
    assert any(line.startswith(told.format(**roles)) for line in found), found


async def test_looking_for_drift_changes_nothing(migrations: Migrations, empty: Urls) -> None:
    await drift(migrations, empty.owner)
    connection = await asyncpg.connect(empty.owner)
    assert await described(connection, "public") == {}
    assert not await connection.fetchval("select count(*) from pg_namespace where nspname = 'kith_declared'")
    await connection.close()


async def test_a_failing_revision_leaves_the_one_before(migrations: Migrations, empty: Urls) -> None:
    made = write_revision(migrations, "a mistake")
    made.write_text(made.read_text().replace('op.execute("…")', 'op.execute("create table half(); select 1/0")'))
    with pytest.raises(MigrationFailed, match=r"at 127\.0\.0\.1:\d+/\w+: .*(division|multiple)"):
        await upgrade(migrations, empty.owner)
    assert await status(migrations, empty.owner) == "0001"
    assert await drift(migrations, empty.owner) == []


async def test_a_database_that_is_away_is_one_sentence(migrations: Migrations) -> None:
    with pytest.raises(MigrationFailed, match=r"127\.0\.0\.1:1"):
        await upgrade(migrations, "postgresql://a:b@127.0.0.1:1/c")


def test_the_frozen_schema_is_not_written_over_once_there_is_more(migrations: Migrations) -> None:
    write_baseline(migrations)
    assert write_revision(migrations, "more").name.startswith("0002_")
    with pytest.raises(MigrationFailed, match="after 0001"):
        write_baseline(replace(migrations))


def test_what_an_upgrade_would_run_can_be_read_first(migrations: Migrations) -> None:
    assert "create policy tenant on gadget" in upgrade_sql(migrations).lower()
