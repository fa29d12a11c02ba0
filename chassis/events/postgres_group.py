"""A consumer group on the event log in PostgreSQL: its members share the partitions by session advisory locks.

The locks are taken in the group's own database, where its offsets are. A member holds one shared lock that says "I am
here", counted in pg_locks, and one lock a partition; a dead member's are free as soon as its connection is gone.
"""

import asyncio
import zlib
from collections import Counter
from collections.abc import Mapping, Sequence

import asyncpg
import orjson
from sqlalchemy import BigInteger, Integer, Text, bindparam, func, select
from sqlalchemy.dialects.postgresql import ARRAY

from chassis.database.statement import Statement
from chassis.database.worker import Pool, fetch
from chassis.events.bus import Message, Receive, Record
from chassis.events.inbox import OFFSETS_OF
from chassis.events.log_tables import HEADS, LOG, Place
from chassis.telemetry import CONSUMER_LAG

POLL_SECONDS, BUSY_SECONDS, SHARE_SECONDS, RETRY_SECONDS = 0.05, 0.005, 0.5, 0.5
BATCH = 200

READ_HEADS = Statement(select(HEADS).where(HEADS.c.topic == func.any(bindparam("topics", type_=ARRAY(Text)))))
READ = Statement(
    select(LOG)
    .where(LOG.c.topic == bindparam("topic", type_=Text), LOG.c.partition == bindparam("partition", type_=Integer))
    .where(LOG.c.offset >= bindparam("start", type_=BigInteger))
    .order_by(LOG.c.offset)
    .limit(BATCH)
)
FIRST = Statement(
    select(func.min(LOG.c.offset)).where(
        LOG.c.topic == bindparam("topic", type_=Text), LOG.c.partition == bindparam("partition", type_=Integer)
    )
)
_TAKE = "select pg_try_advisory_lock($1, $2)"
_GIVE_BACK = "select pg_advisory_unlock($1, $2)"
_JOIN = "select pg_advisory_lock_shared($1, 0)"
_MEMBERS = (
    "select count(*) from pg_locks where locktype = 'advisory' and objsubid = 2 and granted"
    " and classid = ($1::bigint & 4294967295)::oid and objid = 0"
    " and database = (select oid from pg_database where datname = current_database())"
)


class Lost(Exception):
    """The log ends before what we have read of it: it lost something, or is another one. Begin anew."""


class Member:
    """One member of a group, for as long as its connection `home` lives: that holds its locks."""

    def __init__(
        self,
        events: Pool,
        home: "asyncpg.Connection[asyncpg.Record]",
        group: str,
        topics: Sequence[str],
        receive: Receive,
    ) -> None:
        self._events, self._home, self._group, self._topics, self._receive = events, home, group, topics, receive
        self._next: dict[Place, int] = {}  # the places that are ours, and the offset to read next
        self._numbers: dict[Place, int] = {}
        self._ends: dict[Place, int] = {}
        self._working: dict[Place, asyncio.Task[None]] = {}
        self._class = zlib.crc32(group.encode()) - 2**31

    async def run(self) -> None:
        """Until cancelled, or the connection (asyncpg's errors, OSError) or what the log held (Lost) is lost."""
        await self._home.execute(_JOIN, self._class)
        try:
            await self._work()
        finally:
            for task in self._working.values():
                task.cancel()
            await asyncio.gather(*self._working.values(), return_exceptions=True)

    async def _work(self) -> None:
        clock = asyncio.get_running_loop().time
        shared_at, rest = float("-inf"), BUSY_SECONDS
        while True:
            heads = await fetch(self._events, READ_HEADS, topics=list(self._topics))
            self._ends = {(row["topic"], row["partition"]): row["next_offset"] for row in heads}
            for place in self._next.keys() - self._working.keys():
                if self._next[place] > self._ends.get(place, 0):
                    raise Lost(f"{place} was read to {self._next[place]} and ends at {self._ends.get(place, 0)}")
            if clock() - shared_at > SHARE_SECONDS:
                self._numbers = {(row["topic"], row["partition"]): row["number"] for row in heads}
                await self._share()
                self._tell_lag(heads)
                shared_at = clock()
            for row in heads:
                place = row["topic"], row["partition"]
                if place not in self._working and self._next.get(place, row["next_offset"]) < row["next_offset"]:
                    self._working[place] = asyncio.create_task(self._read(place))
            rest = BUSY_SECONDS if self._working else min(POLL_SECONDS, 2 * rest)
            await self._pause(rest)

    async def _pause(self, seconds: float) -> None:
        if self._working:
            await asyncio.wait(self._working.values(), timeout=seconds)
        else:
            await asyncio.sleep(seconds)
        for place in [place for place, task in self._working.items() if task.done()]:
            self._working.pop(place).result()

    async def _read(self, place: Place) -> None:
        rows = await fetch(self._events, READ, topic=place[0], partition=place[1], start=self._next[place])
        if rows:
            await self._receive([record_of(row) for row in rows])
            self._next[place] = rows[-1]["offset"] + 1

    async def _share(self) -> None:
        """Hold a fair part of the places: give back what is too much once idle, take what is free."""
        fair = -(-len(self._numbers) // await self._home.fetchval(_MEMBERS, self._class))
        idle = [place for place in self._next if place not in self._working]
        for place in idle[: max(0, len(self._next) - fair)]:
            del self._next[place]
            await self._home.execute(_GIVE_BACK, self._class, self._numbers[place])
        for place, number in self._numbers.items():
            if len(self._next) >= fair:
                break
            if place not in self._next and await self._home.fetchval(_TAKE, self._class, number):
                self._next[place] = await self._begin(place)

    async def _begin(self, place: Place) -> int:
        """Where we left off; at what the place holds first, where that is lost or forgotten."""
        ((first,),) = await fetch(self._events, FIRST, topic=place[0], partition=place[1])
        end = self._ends.get(place, 0)
        read = (await self._offsets()).get(place, 0)
        return max(read if read <= end else 0, end if first is None else first)

    def _tell_lag(self, heads: Sequence[asyncpg.Record]) -> None:
        behind = Counter(dict.fromkeys(self._topics, 0))
        for row in heads:
            behind[row["topic"]] += row["next_offset"] - self._next.get(
                (row["topic"], row["partition"]), row["next_offset"]
            )
        for topic, records in behind.items():
            CONSUMER_LAG.labels(self._group, topic).set(records)

    async def _offsets(self) -> Mapping[Place, int]:
        rows = await fetch(self._home, OFFSETS_OF, consumer=self._group)
        return {(row["topic"], row["partition"]): row["next_offset"] for row in rows}


def record_of(row: asyncpg.Record) -> Record:
    message = Message(row["topic"], row["key"], orjson.loads(row["headers"]), row["value"])
    return Record(message, row["partition"], row["offset"])
