"""Row-level security: every tenant behind its wall, and indexes that still work behind it (S26)."""

from collections.abc import AsyncIterator, Mapping
from typing import Any, cast

import asyncpg
import pytest
from sqlalchemy import true

from chassis.call import Call
from chassis.clock import now
from chassis.database.session import Session
from chassis.database.statement import STATEMENTS, Statement
from chassis.resource.listing import page
from chassis.resource.resource import Resource
from chassis.testing.serving import Served
from kith.test.v1.gadget_pb2 import ListGadgetsRequest
from tests.chassis.gadgets import GADGETS, RIVAL

ROWS = 40_000
WALLED = ["gadget", "shelf", "history", "request", "external_id", "custom_value", "share", "erased"]


@pytest.fixture
async def app(shop: Served) -> "AsyncIterator[asyncpg.Connection[asyncpg.Record]]":
    connection = await asyncpg.connect(shop.urls.app)
    yield connection
    await connection.close()


async def become(connection: "asyncpg.Connection[asyncpg.Record]", tenant: str) -> None:
    await connection.execute("select set_config('kith.tenant_id', $1, false)", tenant)


@pytest.mark.parametrize("table", WALLED)
async def test_each_table_shows_a_tenant_its_own(shop: Served, app: Any, table: str) -> None:
    admin = shop.as_("admin")
    await admin.CreateShelf(shelf={"display_name": "here"})
    gadget = {"display_name": "x", "external_ids": [{"system": "erp", "id": "1"}]}
    made = await admin.CreateGadget(gadget=gadget, request_id="once")
    await admin.ShareGadget(id=made.id, user_id=str(shop.people["rep"].user_id), level="READ")
    acme = str(shop.people["rep"].tenant_id)
    held = "custom_value values ($1, 'test.gadget', 'tier', 'gold', $2)"
    for row in (held, "erased values ($1, 'digest', $2)"):
        await shop.admin.execute(f"insert into {row}", acme, made.id)
    count = f"select count(*) from {table}"
    assert await app.fetchval(count) == 0, "an unset tenant sees nothing"
    await become(app, "")
    assert await app.fetchval(count) == 0, "nor does an emptied one"
    await become(app, str(RIVAL))
    assert await app.fetchval(count) == 0
    await become(app, acme)
    assert await app.fetchval(count) > 0


async def test_every_table_with_a_tenant_has_its_wall(shop: Served) -> None:
    rows = await shop.admin.fetch(
        "select relname, relrowsecurity and relforcerowsecurity as walled"
        " from pg_class join pg_attribute on attrelid = pg_class.oid"
        " where attname = 'tenant_id' and relkind = 'r' and relnamespace = 'public'::regnamespace"
    )
    assert {row["relname"] for row in rows if row["walled"]} == set(WALLED)
    assert {row["relname"] for row in rows if not row["walled"]} <= {"outbox", "job", "saga"}


async def test_the_wall_holds_when_the_predicate_is_gone(shop: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    await shop.as_("admin").CreateGadget(gadget={"display_name": "x"})
    monkeypatch.setattr(Resource, "seen", lambda *_: true())
    monkeypatch.setattr(STATEMENTS, "_compiled", {})
    try:
        assert len((await shop.as_("rep").ListGadgets()).gadgets) == 1, "the predicate is down"
        assert not (await shop.as_("stranger").ListGadgets()).gadgets
    finally:
        monkeypatch.setattr(STATEMENTS, "_compiled", {})


async def test_the_predicate_holds_when_the_wall_is_gone(shop: Served) -> None:
    await shop.as_("admin").CreateGadget(gadget={"display_name": "x"})
    await shop.admin.execute("alter table gadget disable row level security")
    assert not (await shop.as_("stranger").ListGadgets()).gadgets
    assert len((await shop.as_("admin").ListGadgets()).gadgets) == 1


async def test_the_app_neither_reads_the_outbox_nor_deletes_nor_alters(shop: Served, app: Any) -> None:
    for sql in ("select payload from outbox", "delete from gadget", "delete from history", "drop table shelf"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await app.execute(sql)


async def test_the_app_finds_waiting_events_of_its_own_tenant_only(shop: Served, app: Any) -> None:
    made = await shop.as_("admin").CreateGadget(gadget={"display_name": "x"})
    found, replaced = "select key from waiting_events('test.gadget', $1)", "select replace_waiting_event($1, 'gone')"
    key = await shop.admin.fetchval("select position from outbox where aggregateid = $1", made.id)
    for tenant in ("", str(RIVAL)):
        await become(app, tenant)
        assert await app.fetch(found, made.id) == []
        await app.execute(replaced, key)
    assert await shop.admin.fetchval("select count(*) from outbox where payload = 'gone'") == 0
    await become(app, str(shop.people["rep"].tenant_id))
    assert [row["key"] for row in await app.fetch(found, made.id)] == [key]


async def test_the_worker_carries_events_and_sweeps_old_claims_only(shop: Served) -> None:
    admin = shop.as_("admin")
    for request_id in ("new", "old"):
        await admin.CreateGadget(gadget={"display_name": "x"}, request_id=request_id)
    await shop.admin.execute("update request set create_time = now() - interval '25 hours' where request_id = 'old'")
    worker = await asyncpg.connect(shop.urls.worker)
    assert await worker.fetchval("select count(*) from outbox") > 0
    assert await worker.execute("delete from request") == "DELETE 1"
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await worker.execute("select * from gadget")
    await worker.close()


class Explaining(Session):
    """Tells how a statement would run, and finds nothing."""

    def __init__(self, connection: Any) -> None:
        self.plan, self._raw = "", connection

    async def fetch(self, statement: Statement, values: Mapping[str, object]) -> list[Any]:
        rows = await self._raw.fetch("explain " + statement.sql, *statement.arguments(values))
        self.plan = "\n".join(row[0] for row in rows)
        return []


@pytest.fixture
async def many(shop: Served, app: Any) -> Any:
    gadget = {
        "display_name": "x",
        "price": {"currency_code": "EUR", "units": 1},
        "launch_date": {"year": 2027, "month": 1, "day": 1},
    }
    made = await shop.as_("admin").CreateGadget(gadget=gadget | {"seen_time": {"seconds": 1_800_000_000}})
    columns = [column.name for column in GADGETS.table.c]
    changed = {
        "id": "gen_random_uuid()",
        "price": "n",
        "stock": "n",
        "create_time": "create_time + n * interval '1 second'",
        "seen_time": "seen_time + n * interval '1 second'",
        "display_name": "md5(n::text)",
        "display_name_sort": "md5(n::text)",
        "search_grams": "array['display_name:' || left(md5(n::text), 3), 'display_name:' || (n % 5000)]",
        "launch_date": "date '2027-01-01' + n",
    }
    await shop.admin.execute(
        f"insert into gadget select {', '.join(changed.get(name, name) for name in columns)} "
        f"from gadget, generate_series(1, {ROWS}) n where id = '{made.id}'"
    )
    await shop.admin.execute("vacuum analyze gadget")
    await become(app, str(shop.people["admin"].tenant_id))
    return app


async def test_no_filter_or_order_on_an_indexed_field_reads_the_whole_table(shop: Served, many: Any) -> None:
    filters = ["price > 39990", "stock = 77 AND state = DRAFT", "display_name:acme", '"张三"', "zhangsan", "acm"]
    orders = ["", *(name for name, field in GADGETS.noun.fields.items() if field.sortable)]
    asked = [(filter, "") for filter in filters] + [
        ("", order + way) for order in orders for way in ("", " desc") if order + way != " desc"
    ]
    for filter, order_by in asked:
        session = Explaining(many)
        call = Call(shop.people["admin"], "test.gadget.read", session, now(), shop.calls.means)
        request = ListGadgetsRequest(filter=filter, order_by=order_by, page_size=20)
        await page(cast(Any, GADGETS), call, request)
        assert "Seq Scan" not in session.plan, (filter, order_by, session.plan)
        assert filter or "Sort" not in session.plan, (order_by, session.plan)
