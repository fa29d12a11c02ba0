"""What was put away goes for good when its time has come: with its parts and its history, and never before."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest

from chassis.database.worker import Pool, open_pool
from chassis.resource import purge
from chassis.resource.due import Due
from chassis.resource.purge import Purge
from chassis.testing.serving import Refused, Served, refusal
from kith.sales.v1.opportunity_pb2 import Opportunity
from sales.app import SERVICE
from tests.sales.market import Market

NOT_FOUND = Refused("NOT_FOUND", "NOT_FOUND")


@pytest.fixture
async def worker(market: Market) -> AsyncIterator[Pool]:
    pool = await open_pool(market.served.urls.worker, 2)
    yield pool
    await pool.close()


async def put_away(served: Served, table: str, *ids: str, ago: str = "1 minute") -> None:
    """As if it had been deleted so long before that its purge time passed `ago`."""
    sql = f"update {table} set delete_time = now() - interval '31 days', purge_time = now() - $2::text::interval"
    await served.admin.execute(f"{sql} where id = any($1)", ids, ago)


async def moved(market: Market) -> Opportunity:
    """With one step of its way written down."""
    opened = await market.opened()
    way: Opportunity = await market.as_("rep").MoveStage(id=opened.id, stage_id=market.stages["proposal"])
    return way


async def left(served: Served, table: str, *ids: str) -> int:
    return int(await served.admin.fetchval(f"select count(*) from {table} where id = any($1)", ids))


async def sweep(worker: Pool) -> int:
    return await Purge(SERVICE.nouns).sweep(worker)


async def test_a_record_goes_when_its_time_has_come_with_its_history_and_its_external_ids(
    market: Market, worker: Pool
) -> None:
    served, stays = market.served, await market.lead(external_ids=[{"system": "erp", "id": "1"}])
    leads = [await market.lead("stranger" if n % 2 else "rep") for n in range(5)]
    ids = [lead.id for lead in leads]
    await served.admin.execute(
        "insert into external_id select tenant_id, 'sales.lead', 'old', id::text, id from lead where id = any($1)", ids
    )
    await put_away(served, "lead", *ids, ago="-1 minute")
    assert await sweep(worker) == 0
    await put_away(served, "lead", *ids)
    assert await sweep(worker) == 5
    assert await left(served, "lead", *ids) == 0
    assert await served.admin.fetchval("select count(*) from history where aggregateid = any($1)", ids) == 0
    assert await served.admin.fetchval("select count(*) from external_id") == 1
    assert len((await market.as_("rep").ListLeadRevisions(id=stays.id)).revisions) == 1
    assert await refusal(market.as_("rep").GetLead(id=ids[0])) == NOT_FOUND
    assert await sweep(worker) == 0


async def test_many_go_in_small_batches(market: Market, worker: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(purge, "BATCH", 2)
    ids = [(await market.lead()).id for _ in range(5)]
    await put_away(market.served, "lead", *ids)
    assert await sweep(worker) == 5
    assert await left(market.served, "lead", *ids) == 0


async def test_a_lead_and_the_opportunity_it_became_go_together_with_what_is_part_of_them(
    market: Market, worker: Pool
) -> None:
    served, lead, opened = market.served, await market.lead(), await moved(market)
    other, its_lead = await moved(market), await market.lead()
    for one, it in ((lead, opened), (its_lead, other)):
        await served.admin.execute("update lead set opportunity_id = $2 where id = $1", one.id, it.id)
        await served.admin.execute("update opportunity set lead_id = $2 where id = $1", it.id, one.id)
    await put_away(served, "lead", lead.id, its_lead.id)
    await put_away(served, "opportunity", opened.id)
    changes = "select count(*) from stage_change where opportunity_id = $1"
    assert await served.admin.fetchval(changes, opened.id) == 1
    await sweep(worker)
    assert await left(served, "lead", lead.id) + await left(served, "opportunity", opened.id) == 0
    assert await served.admin.fetchval(changes, opened.id) == 0
    assert await left(served, "lead", its_lead.id) == 1, "a living one points at it"
    assert await served.admin.fetchval(changes, other.id) == 1
    history = "select count(*) from history where aggregateid = any($1)"
    assert await served.admin.fetchval(history, [lead.id, opened.id]) == 0


async def test_what_is_pointed_at_stays_until_who_points_at_it_is_gone(market: Market, worker: Pool) -> None:
    served, stage = market.served, market.stages["new"]
    opened = await moved(market)
    await put_away(served, "stage", stage)
    await sweep(worker)
    assert await left(served, "stage", stage) == 1
    await put_away(served, "opportunity", opened.id)
    assert await sweep(worker) == 3, "the opportunity, its way through the stages, and the stage"
    assert await left(served, "stage", stage) == 0


async def test_the_stages_of_a_pipeline_go_with_it(market: Market, worker: Pool) -> None:
    await put_away(market.served, "pipeline", market.pipeline)
    assert await sweep(worker) == 5
    assert await left(market.served, "stage", *market.stages.values()) == 0


async def test_a_reference_that_comes_in_between_stops_nobody_else(
    market: Market, worker: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As if it had been written after it was asked who points at what."""
    served, opened, lead = market.served, await market.opened(), await market.lead()
    await put_away(served, "stage", market.stages["new"])
    await put_away(served, "lead", lead.id)
    held = Due.held
    monkeypatch.setattr(Due, "held", lambda *args, **more: held(*args, **more) & False)
    await sweep(worker)
    assert (await left(served, "stage", market.stages["new"]), await left(served, "lead", lead.id)) == (1, 0)
    assert await left(served, "opportunity", opened.id) == 1


async def test_one_that_is_called_back_meanwhile_stays(market: Market, worker: Pool) -> None:
    """The sweeper waits for whoever calls it back, and then asks again."""
    served, lead = market.served, await market.lead()
    await put_away(served, "lead", lead.id)
    rival: Any = await asyncpg.connect(served.urls.admin)
    async with rival.transaction():
        await rival.execute("update lead set delete_time = null, purge_time = null where id = $1", lead.id)
        sweeping = asyncio.create_task(sweep(worker))
        async with asyncio.timeout(60):
            waits = "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = $1"
            name = await rival.fetchval("select current_database()")
            while not await served.admin.fetchval(waits, name):  # noqa: ASYNC110  # the database has no event for it
                await asyncio.sleep(0.01)
    await rival.close()
    assert await sweeping == 0
    assert await left(served, "lead", lead.id) == 1


@pytest.mark.parametrize("role", ["app", "owner"])
async def test_only_the_worker_purges(market: Market, role: str) -> None:
    lead = await market.lead()
    await put_away(market.served, "lead", lead.id)
    connection = await asyncpg.connect(getattr(market.served.urls, role))
    tenant = str(market.served.people["rep"].tenant_id)
    for sql in ("delete from lead", "delete from history", "delete from external_id where record_id is null"):
        if role == "app" and "external_id" not in sql:
            await connection.execute("select set_config('kith.tenant_id', $1, false)", tenant)
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(sql)
        else:
            await connection.execute("select set_config('kith.tenant_id', '', false)")
            assert await connection.execute(sql) == "DELETE 0"
    await connection.close()
    assert await left(market.served, "lead", lead.id) == 1


async def test_the_worker_deletes_nothing_whose_time_has_not_come_and_reads_nothing_but_ids(
    market: Market, worker: Pool
) -> None:
    served, lead, gone, opened = market.served, await market.lead(), await market.lead(), await market.opened()
    await put_away(served, "lead", lead.id, ago="-1 minute")
    await put_away(served, "lead", gone.id)
    async with worker.acquire() as connection:
        await connection.execute("select set_config('kith.tenant_id', $1, false)", str(served.people["rep"].tenant_id))
        for table, goes in (("stage_change", 0), ("opportunity", 0), ("history", 0), ("external_id", 0), ("lead", 1)):
            assert await connection.execute(f"delete from {table}") == f"DELETE {goes}", table
        assert await connection.execute("delete from history") == "DELETE 1", "of a record that is no more"
        for sql in ("select display_name from lead", "select payload from history", "update lead set id = id"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(sql)
    assert await left(served, "lead", lead.id) == 1
    assert await left(served, "opportunity", opened.id) == 1
