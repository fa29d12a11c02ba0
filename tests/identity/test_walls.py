"""S26: the doors by which a call gets into a tenant open only what was shown, whatever a statement asks for."""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from tests.identity.suite import ADMIN_EMAIL, World


@pytest.fixture
async def app(world: World) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    """The role that serves callers, with no predicate of ours before it."""
    await world.provision("beta", email="b@beta.example")
    connection = await asyncpg.connect(world.urls.app)
    yield connection
    await connection.close()


WALLED = ["tenant", '"user"', "team", "role", "session", "api_key", "credential", "secret", "refresh_family"]


@pytest.mark.parametrize("table", [*WALLED, "principal_version", "history", "request"])
async def test_without_a_tenant_nothing_is_there(app: "asyncpg.Connection[asyncpg.Record]", table: str) -> None:
    assert await app.fetchval(f"select count(*) from {table}") == 0


@pytest.mark.parametrize("table", WALLED)
async def test_what_is_shown_opens_its_own_rows_only(
    world: World, app: "asyncpg.Connection[asyncpg.Record]", table: str
) -> None:
    digest = await world.admin.fetchval("select encode(digest, 'hex') from secret limit 1")
    seen = 0
    for shown in (ADMIN_EMAIL, "acme", digest, "", "%", "' or true --"):
        async with app.transaction():
            await app.execute("select set_config('kith.shown', $1, true)", shown)
            seen += await app.fetchval(f"select count(*) from {table}")
    assert seen == (1 if table in ("tenant", '"user"', "secret") else 0)


async def test_what_is_shown_can_only_be_read(app: "asyncpg.Connection[asyncpg.Record]") -> None:
    async with app.transaction():
        await app.execute("select set_config('kith.shown', $1, true)", ADMIN_EMAIL)
        assert await app.execute("""update "user" set display_name = 'taken over'""") == "UPDATE 0"
    assert await app.fetchval("select current_setting('kith.shown', true)") == ""


async def test_an_address_is_found_by_its_index(world: World, app: "asyncpg.Connection[asyncpg.Record]") -> None:
    for table, column, value in (('"user"', "email", ADMIN_EMAIL), ("secret", "digest", b"x")):
        async with app.transaction():
            await app.execute("set local enable_seqscan = off")
            plan = await app.fetch(f"explain select tenant_id from {table} where {column} = $1", value)
        assert any(f"Index Cond: ({column} = " in row[0] for row in plan), plan
