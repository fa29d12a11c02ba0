"""Where changes come from: the tail of the event log, read by every gateway process for itself, without a group."""

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import asyncpg
import orjson
from sqlalchemy import BigInteger, Integer, Text, bindparam, func, select
from sqlalchemy.dialects.postgresql import ARRAY

from chassis.database.statement import Statement
from chassis.database.worker import Pool, fetch, open_pool
from chassis.events.kafka_access import KafkaAccess
from chassis.events.log_tables import HEADS, LOG, Place

POLL_SECONDS, RETRY_SECONDS = 0.1, 0.5
BATCH = 1000
log = logging.getLogger(__name__)

_HEADS = Statement(select(HEADS).where(HEADS.c.topic == func.any(bindparam("topics", type_=ARRAY(Text)))))
_HEADERS = Statement(
    select(LOG.c.offset, LOG.c.headers)
    .where(LOG.c.topic == bindparam("topic", type_=Text), LOG.c.partition == bindparam("partition", type_=Integer))
    .where(LOG.c.offset >= bindparam("start", type_=BigInteger))
    .order_by(LOG.c.offset)
    .limit(BATCH)
)


@dataclass(frozen=True, slots=True)
class Change:
    """That something happened to a record; what it is now is for the service to tell each caller."""

    tenant_id: str
    noun: str  # "sales.opportunity"
    id: str


class Source(Protocol):
    def tail(self, topics: Sequence[str]) -> AsyncIterator[Sequence[Change]]:
        """What is said on `topics` from now on, in the order of each record. Never ends; it waits out an outage."""
        ...


class PostgresSource:
    """The event log in PostgreSQL at `url`, of which it only reads."""

    def __init__(self, url: str) -> None:
        self._url = url

    async def tail(self, topics: Sequence[str]) -> AsyncIterator[Sequence[Change]]:
        """What was appended while the database was away is told when it is back."""
        reached: dict[Place, int] | None = None
        pool: Pool | None = None
        try:
            while True:
                try:
                    pool = pool or await open_pool(self._url, size=1)
                    reached = await _heads(pool, topics) if reached is None else reached
                    async for changes in _appended(pool, topics, reached):
                        yield changes
                except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
                    log.warning("the event log cannot be read", exc_info=True)
                    await asyncio.sleep(RETRY_SECONDS)
        finally:
            if pool:
                pool.terminate()


class KafkaSource:
    """Kafka's topics, read by every gateway process for itself."""

    def __init__(self, access: KafkaAccess) -> None:
        self._access = access

    async def tail(self, topics: Sequence[str]) -> AsyncIterator[Sequence[Change]]:
        """What was appended while the brokers were away is told when they are back."""
        from chassis.events.kafka_tail import tail  # only the driver that is used is loaded

        async for records in tail(self._access, topics):
            if changes := [change for record in records if (change := change_of(record.message.headers))]:
                yield changes


async def _heads(pool: Pool, topics: Sequence[str]) -> dict[Place, int]:
    rows = await fetch(pool, _HEADS, topics=list(topics))
    return {(row["topic"], row["partition"]): row["next_offset"] for row in rows}


async def _appended(pool: Pool, topics: Sequence[str], reached: dict[Place, int]) -> AsyncIterator[Sequence[Change]]:
    """A topic not known at first is read from its beginning: it came into being since."""
    while True:
        heads = await _heads(pool, topics)
        changes: list[Change] = []
        for place, head in heads.items():
            start = reached.get(place, 0)
            if start < head:
                rows = await fetch(pool, _HEADERS, topic=place[0], partition=place[1], start=start)
                changes += [change for row in rows if (change := change_of(orjson.loads(row["headers"])))]
                reached[place] = rows[-1]["offset"] + 1 if rows else head  # retention may have taken them
        if changes:
            yield changes
        else:
            await asyncio.sleep(POLL_SECONDS)


def change_of(headers: Mapping[str, str]) -> Change | None:
    """From a CloudEvent's headers; None for what is none of ours."""
    parts = headers.get("ce_type", "").split(".")  # kith.sales.opportunity.won.v1
    if len(parts) != 5 or "ce_tenantid" not in headers or "ce_subject" not in headers:
        return None
    return Change(headers["ce_tenantid"], f"{parts[1]}.{parts[2]}", headers["ce_subject"])
