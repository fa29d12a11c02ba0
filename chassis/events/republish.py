"""Publishing again what history remembers, after a bus lost what it held."""

import asyncio
from collections.abc import Sequence
from datetime import datetime

import asyncpg
from sqlalchemy import BigInteger, DateTime, Select, bindparam, func, select

from chassis.database.statement import Statement
from chassis.database.worker import Connection, fetch
from chassis.events.outbox import BULK, BULK_ROOM, INTERACTIVE, OUTBOX, topic_of
from chassis.ids import event_id
from chassis.resource.change import HISTORY

BATCH = 1000
ROOM_SECONDS = 0.2
_AGAIN = Statement(
    OUTBOX.insert().values(
        {c.name: bindparam(c.name, type_=c.type) for c in OUTBOX.c if c.name not in {"position", "time", "headers"}}
    )
)
_SINCE: Select[tuple[object, ...]] = select(HISTORY).where(
    HISTORY.c.change_time >= bindparam("since", type_=DateTime(timezone=True))
)
SINCE = Statement(_SINCE.order_by(HISTORY.c.change_time, HISTORY.c.sequence))
_WAITING = Statement(
    select(func.count().label("rows")).select_from(
        select(OUTBOX.c.position).where(OUTBOX.c.lane == BULK).limit(bindparam("room", type_=BigInteger)).subquery()
    )
)


async def republish(reading: Connection, writing: Connection, service: str, since: datetime) -> int:
    """Write every change since then to the outbox once more, in its old order and behind what people wait for.

    Both connections are the owner's. The events have the ids they had, so whoever took one in drops it, and who lost
    it takes it in now. It may be broken off and begun anew. Returns how many.
    """
    count, batch = 0, list[asyncpg.Record]()
    async with reading.transaction(isolation="repeatable_read", readonly=True):
        async for row in reading.cursor(SINCE.sql, *SINCE.arguments({"since": since}), prefetch=BATCH):
            batch.append(row)
            if len(batch) == BATCH:
                count += await _write(writing, service, batch)
                batch.clear()
        return count + await _write(writing, service, batch)


async def _write(writing: Connection, service: str, rows: Sequence[asyncpg.Record]) -> int:
    while (await fetch(writing, _WAITING, room=BULK_ROOM + 1))[0]["rows"] > BULK_ROOM:  # noqa: ASYNC110  # another process empties it
        await asyncio.sleep(ROOM_SECONDS)
    await writing.executemany(_AGAIN.sql, [_AGAIN.arguments(_event(service, row)) for row in rows])
    return len(rows)


def _event(service: str, row: asyncpg.Record) -> dict[str, object]:
    named = row["tenant_id"], row["aggregatetype"], row["aggregateid"], row["sequence"]
    return {
        "lane": BULK,
        "topic": topic_of(service, INTERACTIVE),
        "id": event_id(row["change_time"], *named),
        "aggregatetype": row["aggregatetype"],
        "aggregateid": row["aggregateid"],
        "type": row["type"],
        "tenant_id": row["tenant_id"],
        "sequence": row["sequence"],
        "payload": row["payload"],
    }
