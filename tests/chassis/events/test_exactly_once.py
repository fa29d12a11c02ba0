"""R01, R02: no event is lost, none applied twice, each record's stay in order, whoever is killed wherever."""

import os

import pytest

from tests.chassis.events.drivers import Driver
from tests.chassis.events.world import World, crew, until_sql, verdict, write_for

SECONDS = 120  # a dead member of a Kafka group is missed after six, and the next may die as well
DEATHS = int(os.environ.get("KITH_DEATHS", "5"))  # of each process at each point


@pytest.mark.parametrize(
    "crash",
    [
        "relay_before_publish=0.3",
        "log_before_commit=0.3",
        "relay_after_publish_before_delete=0.3",
        "relay_after_delete=0.3",
        "consumer_before_commit=0.05",
        "consumer_after_commit=0.05",
    ],
)
async def test_nothing_is_lost_doubled_or_overtaken(world: World, driver: Driver, crash: str) -> None:
    roles = ("relay", "consumer", "consumer") if crash.startswith("consumer") else ("relay", "relay", "consumer")
    async with crew(world, *roles, crash=crash, deaths=DEATHS, environ=driver.environ) as deaths:
        made = await write_for(world, 0.7)
        while deaths() < DEATHS:
            made += await write_for(world, 0.2)
        await until_sql(world.target_admin, "select count(distinct event_id) >= $1 from applied", made, seconds=SECONDS)
        await until_sql(world.source_admin, "select count(*) = 0 from outbox", seconds=SECONDS)
    assert await verdict(world) == (made, 0, 0)


async def test_a_replay_changes_nothing_and_a_rebuild_ends_the_same(world: World, driver: Driver) -> None:
    """R19: each event again, from the first; then everything read anew from nothing."""
    digest = "select md5(string_agg(f::text, ',' order by aggregate_id)) from fact f"
    read = "select sum(next_offset) from inbox_offset"
    async with crew(world, "relay", "consumer", environ=driver.environ):
        made = await write_for(world, 0.5)
        await until_sql(world.target_admin, "select count(*) >= $1 from applied", made)
    before, end = await world.target_admin.fetchval(digest), await world.target_admin.fetchval(read)
    for tables in ("inbox_offset", "inbox_offset, inbox, inbox_sequence, fact, applied"):
        await world.target_admin.execute(f"truncate {tables}")
        await driver.rewind()
        async with crew(world, "consumer", environ=driver.environ):
            await until_sql(world.target_admin, f"select ({read}) = $1", end, seconds=SECONDS)
        assert await world.target_admin.fetchval(digest) == before
    assert await verdict(world) == (made, 0, 0)
