"""What piles up is swept when its time has come, and not before."""

from datetime import timedelta
from uuid import uuid4

import asyncpg
import pytest

from chassis import retention
from chassis.database.walls import KEPT
from chassis.retention import EVENTS, SERVICE, sweep
from tests.chassis.events.world import TENANT, World

ROWS = {
    "request": "insert into request (tenant_id, user_id, method, request_id, content, create_time)"
    " values ($1, $2, 'm', gen_random_uuid(), '', now() - $3::interval)",
    "inbox": "insert into inbox (consumer, event_id, take_time) values ($1::uuid, $2, now() - $3::interval)",
    "job": "insert into job (tenant_id, id, setter_id, permission, kind, request, traceparent, due_time, end_time)"
    " values ($1, $2, $2, '', 'k', '', '', now(), now() - $3::interval)",
    "saga": "insert into saga (tenant_id, id, setter_id, kind, record_id, content, request, end_time)"
    " values ($1, $2, $2, 'k', $2, '', '', now() - $3::interval)",
}
KEEP = {"request": timedelta(days=1), "inbox": timedelta(days=35), "job": timedelta(days=7), "saga": timedelta(days=7)}


@pytest.mark.parametrize("table", ROWS)
async def test_a_row_goes_when_its_time_has_come(world: World, table: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "BATCH", 2)
    for age in (timedelta(minutes=1), -timedelta(minutes=1)):
        for _ in range(5):
            await world.source_admin.execute(ROWS[table], TENANT, uuid4(), KEEP[table] + age)
    assert await sweep(world.source_worker) == 5
    assert await sweep(world.source_worker) == 0
    assert await world.source_admin.fetchval(f"select count(*) from {table}") == 5


async def test_what_is_still_to_be_done_stays_whatever_its_age(world: World) -> None:
    await world.source_admin.execute(ROWS["job"], TENANT, uuid4(), None)
    await world.source_admin.execute(ROWS["saga"], TENANT, uuid4(), None)
    await world.source_admin.execute(ROWS["saga"], TENANT, uuid4(), timedelta(days=99))
    await world.source_admin.execute("update saga set held_id = record_id")  # what happens to a record once
    assert await sweep(world.source_worker) == 0


async def test_the_event_log_is_swept_after_thirty_days(world: World) -> None:
    written = (
        'insert into event_log (topic, partition, "offset", key, headers, value, append_time)'
        " values ('t', 0, $1, 'k', '{}', '', now() - $2::interval)"
    )
    admin = await asyncpg.connect(world.urls["EVENTS"])
    for offset, days in enumerate((31, 29)):
        await admin.execute(written, offset, timedelta(days=days))
    assert await sweep(world.events, EVENTS) == 1
    await admin.close()


def test_the_policy_lets_go_of_exactly_what_is_swept() -> None:
    (requests,) = [kept for kept in SERVICE if kept.table.name == "request"]
    assert f"interval '{requests.keep.total_seconds() / 3600:.0f} hours'" == KEPT
