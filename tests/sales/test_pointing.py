"""Pointing at a record, changing it and putting it away at the same time."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

from chassis.testing.serving import Served, refusal
from tests.sales.market import Market

POINTING = "select id from stage where id = $1 for key share"  # as a foreign key holds what it points at
ENDING = "select id from stage where id = $1 for update"
PUT_AWAY = "update stage set delete_time = now(), purge_time = now() where id = $1"
WAITING = "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"


@asynccontextmanager
async def rival(served: Served, stage: str, *statements: str) -> AsyncIterator[None]:
    """Somebody else's transaction, committed when the block ends."""
    connection = await asyncpg.connect(served.urls.admin)
    try:
        async with connection.transaction():
            for statement in statements:
                await connection.execute(statement, stage)
            yield
    finally:
        await connection.close()


async def until_waiting(served: Served) -> None:
    async with asyncio.timeout(60):
        while not await served.admin.fetchval(WAITING):  # noqa: ASYNC110  # the database has no event for it
            await asyncio.sleep(0.01)


async def test_a_record_may_change_while_somebody_points_at_it(market: Market) -> None:
    stage, admin = market.stages["new"], market.as_("admin")
    async with rival(market.served, stage, POINTING), asyncio.timeout(60):
        await admin.UpdateStage(stage={"id": stage, "win_probability_percent": 15})


async def test_putting_a_record_away_waits_for_whoever_is_writing_a_reference_to_it(market: Market) -> None:
    stage, admin = market.stages["proposal"], market.as_("admin")
    opened = await market.opened()
    async with rival(market.served, stage, POINTING, "update opportunity set stage_id = $1"):
        deleting = asyncio.create_task(refusal(admin.DeleteStage(id=stage)))
        await until_waiting(market.served)
    assert (await deleting).reason == "STAGE_IN_USE"
    assert (await market.as_("rep").GetOpportunity(id=opened.id)).stage_id == stage


async def test_a_reference_waits_for_the_record_being_put_away_and_is_refused(market: Market) -> None:
    stage = market.stages["proposal"]
    async with rival(market.served, stage, ENDING, PUT_AWAY):
        opening = asyncio.create_task(refusal(market.opened(stage="proposal")))
        await until_waiting(market.served)
    found = await opening
    assert (found.code, set(found.fields)) == ("INVALID_ARGUMENT", {"opportunity.stage_id"}), found
    assert not (await market.as_("rep").ListOpportunities()).opportunities
