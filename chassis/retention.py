"""How long what piles up is kept: one table, and the loop that sweeps by it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Interval,
    Select,
    Table,
    bindparam,
    column,
    delete,
    func,
    select,
    text,
    tuple_,
)

from chassis.database.statement import Statement
from chassis.database.worker import AWAY, Pool, fetch
from chassis.events.inbox import INBOX
from chassis.events.log_tables import LOG
from chassis.jobs.job_table import JOB
from chassis.jobs.saga_table import SAGA
from chassis.requests import REQUEST
from chassis.resource.change import HISTORY, HISTORY_KEPT
from chassis.resource.purge import Purge

if TYPE_CHECKING:
    from chassis.resource.resource import Resource

SWEEP_SECONDS = 600.0
BATCH = 2000  # rows a statement: short locks, small transactions
log = logging.getLogger(__name__)


class Kept:
    """Rows of `table` go once `since` is `keep` ago by the database's clock; a null there keeps them for ever."""

    def __init__(self, table: Table, since: Column[object], keep: timedelta) -> None:
        self.table, self.keep = table, keep
        old: Select[Any] = select(column("ctid")).select_from(table)
        old = old.where(since < func.now() - bindparam("keep", type_=Interval))
        if table is SAGA:
            old = old.where(SAGA.c.held_id.is_(None))  # what happens to a record once is remembered
        old = old.limit(bindparam("batch", type_=BigInteger))
        self.sweep = Statement(delete(table).where(column("ctid").in_(old)).returning(since))


# The outbox is not here: a row stays until it is acknowledged.
SERVICE = (
    Kept(REQUEST, REQUEST.c.create_time, timedelta(hours=24)),
    Kept(INBOX, INBOX.c.take_time, timedelta(days=35)),  # longer than anything can be read again
    Kept(JOB, JOB.c.end_time, timedelta(days=7)),
    Kept(SAGA, SAGA.c.end_time, timedelta(days=7)),
)
EVENTS = (Kept(LOG, LOG.c.append_time, timedelta(days=30)),)


async def sweep(pool: Pool, kept: Sequence[Kept] = SERVICE) -> int:
    """Delete what is past its time, as the worker role; how many rows. Several at once get in nobody's way."""
    gone = 0
    for each in kept:
        while swept := len(await fetch(pool, each.sweep, keep=each.keep, batch=BATCH)):
            gone += swept
            if swept < BATCH:
                break
    return gone


class OldHistory:
    """Revisions past their time go, but never the one that tells how a record stood when the kept time began.

    A revision may go once a later one of its record is past that time too; so each sweep looks only at what has come
    to be past it since the sweep before.
    """

    def __init__(self) -> None:
        self._seen = datetime.fromtimestamp(0, UTC)

    async def sweep(self, pool: Pool) -> int:
        gone = 0
        ((begin,),) = await fetch(pool, _BEGIN_OF_HISTORY)
        while swept := len(await fetch(pool, _OLD_REVISIONS, since=self._seen, begin=begin, batch=BATCH)):
            gone += swept
        self._seen = begin - OVERLAP
        return gone


OVERLAP = timedelta(days=1)  # whatever was written late, or its sweep broken off
_BEGIN_OF_HISTORY = Statement(select(func.now() - text(HISTORY_KEPT)))
_KEY = ("tenant_id", "aggregatetype", "aggregateid")


def _old_revisions() -> Statement:
    old, later = HISTORY.alias("old"), HISTORY.alias("later")
    since, begin = (bindparam(name, type_=DateTime(timezone=True)) for name in ("since", "begin"))
    before = [old.c[name] == later.c[name] for name in _KEY] + [old.c.sequence < later.c.sequence]
    found = select(*(old.c[name] for name in _KEY), old.c.sequence).select_from(later).join(old, text("true"))
    found = found.where(later.c.change_time > since, later.c.change_time <= begin, *before)
    keys = tuple_(*(HISTORY.c[name] for name in (*_KEY, "sequence")))
    gone = delete(HISTORY).where(keys.in_(found.limit(bindparam("batch", type_=BigInteger))))
    return Statement(gone.returning(HISTORY.c.sequence))


_OLD_REVISIONS = _old_revisions()


async def sweep_always(
    pool: Pool, events: Pool | None = None, nouns: Sequence[Resource[Any]] = (), seconds: float = SWEEP_SECONDS
) -> None:
    """Until cancelled, in every process; `events` is the PostgreSQL log's database, where there is one."""
    purge, history = Purge(nouns), OldHistory()
    while True:
        try:
            gone = await sweep(pool) + (await sweep(events, EVENTS) if events else 0)
            gone += await purge.sweep(pool) + await history.sweep(pool)
            log.info("swept", extra={"rows": gone})
        except AWAY:
            log.exception("not swept")
        await asyncio.sleep(seconds)
