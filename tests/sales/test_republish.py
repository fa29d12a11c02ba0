"""What history remembers is published again as it was, after a bus lost what it held (R05)."""

from datetime import UTC, datetime, timedelta

import asyncpg

from chassis.events.republish import republish
from tests.sales.market import Market

LEFT = "select id, type, tenant_id, aggregatetype, aggregateid, sequence, topic, payload from outbox order by 5, 6"


async def _again(market: Market, since: datetime) -> int:
    reading, writing = [await asyncpg.connect(market.served.urls.owner) for _ in range(2)]
    try:
        return await republish(reading, writing, "sales", since)
    finally:
        await reading.close()
        await writing.close()


async def test_events_come_again_with_the_ids_and_bytes_they_had(market: Market) -> None:
    began = datetime.now(UTC) - timedelta(hours=1)
    lead = await market.qualified()
    await market.as_("rep").DeleteLead(id=lead.id)
    opened = await market.opened(units=5)
    await market.as_("rep").WinOpportunity(id=opened.id)
    admin = market.served.admin
    before = await admin.fetch(LEFT)
    await admin.execute("truncate outbox")
    assert await _again(market, began) == len(before) >= 8
    assert await admin.fetch(LEFT) == before
    assert await admin.fetchval("select min(lane) from outbox") == 1, "people do not wait behind it"


async def test_what_was_before_stays_where_it_is(market: Market) -> None:
    await market.lead()
    since = await market.served.admin.fetchval("select max(change_time) from history") + timedelta(microseconds=1)
    await market.served.admin.execute("truncate outbox")
    lead = await market.lead()
    assert await _again(market, since) == 1
    ids = await market.served.admin.fetch("select aggregateid from outbox order by lane")
    assert [str(row[0]) for row in ids] == [lead.id, lead.id]


async def test_nobody_else_may_read_the_history_of_all_tenants(market: Market) -> None:
    await market.lead()
    for url in (market.served.urls.app, market.served.urls.worker):
        connection = await asyncpg.connect(url)
        try:
            assert await _rows(connection) == 0
        finally:
            await connection.close()


async def _rows(connection: "asyncpg.Connection[asyncpg.Record]") -> int:
    try:
        found: int = await connection.fetchval("select count(payload) from history")
    except asyncpg.InsufficientPrivilegeError:
        return 0
    return found
