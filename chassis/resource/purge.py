"""Deleted records go for good once they are due, with what is part of them, their history and their external ids.

What is due goes as soon as nothing points at it: whoever still points at a record keeps it. Records that are due and
point at each other in a ring go together.
"""

import logging
from collections.abc import Awaitable, Callable, Sequence
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any
from uuid import UUID

import asyncpg
from sqlalchemy import (
    BigInteger,
    Select,
    Table,
    Text,
    Uuid,
    bindparam,
    column,
    delete,
    func,
    literal_column,
    select,
    tuple_,
    union_all,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.sql.expression import CTE, FromClause

from chassis.custom.held import HELD
from chassis.database.statement import Statement
from chassis.database.worker import Connection, Pool, fetch, transaction
from chassis.resource.change import HISTORY
from chassis.resource.due import Due, Pointing
from chassis.resource.external import EXTERNAL
from chassis.resource.share_table import SHARE

if TYPE_CHECKING:
    from chassis.resource.resource import Resource

BATCH = 500  # records a transaction: short locks
Row = tuple[str, UUID, UUID]  # table, tenant, record
# That nobody points at a record is known only at the end of a table, which a planner hopes not to come to.
INDEXED = "set local enable_seqscan = off"
log = logging.getLogger(__name__)

_batch = bindparam("batch", type_=BigInteger)
_tenants, _ids = (bindparam(name, type_=ARRAY(Uuid)) for name in ("tenants", "ids"))


class Purge:
    """What is swept of the nouns of one service, as its worker."""

    def __init__(self, nouns: Sequence["Resource[Any]"]) -> None:
        self._due = Due(nouns)

    async def sweep(self, pool: Pool) -> int:
        """How many records went. Several processes at once get in nobody's way."""
        gone, before = 0, -1
        while gone > before:  # what pointed at something is gone now, and that may follow
            before = gone
            for statement in self._alone:
                gone += await _in_batches(pool, partial(self._purge, statement))
        return gone + await _in_batches(pool, self._purge_rings)

    @cached_property
    def _alone(self) -> list[Statement]:
        """Parts before wholes, as far as they are found by them."""
        by_whole = [self._deletion(table, one) for table in self._due.swept for one in self._due.wholes(table)]
        return by_whole + [self._deletion(table) for table in self._due.swept if "purge_time" in table.c]

    def _deletion(self, table: Table, through: Pointing | None = None) -> Statement:
        rows = table.alias("one")
        found = select(rows.c.tenant_id, rows.c.id).where(self._due.due(table, rows), ~self._due.held(table, rows))
        if through is None:
            found = found.where(rows.c.purge_time < func.now())
        else:
            whole = through.target.alias("whole")
            at = rows.join(whole, through.meets(rows, whole))
            found = found.select_from(at).where(self._due.due(through.target, whole))
        return Statement(select(*self._deleted(table, found.limit(_batch)).c))

    def _deleted(self, table: Table, found: Select[Any]) -> CTE:
        """Asked again of the row as it is by then: it may have been called back."""
        gone = delete(table).where(tuple_(table.c.tenant_id, table.c.id).in_(found), self._due.due(table))
        noun = literal_column(f"'{self._due.nouns[table.name]}'", Text).label("noun")
        return gone.returning(noun, table.c.tenant_id, table.c.id).cte(f"gone_{table.name}")

    async def _purge(self, statement: Statement, connection: Connection, **values: Any) -> int:
        rows = await fetch(connection, statement, batch=BATCH, **values)
        for noun in {row["noun"] for row in rows}:
            theirs = [row for row in rows if row["noun"] == noun]
            named = {"tenants": [row["tenant_id"] for row in theirs], "ids": [row["id"] for row in theirs]}
            for following in _FOLLOWING:
                await fetch(connection, following, noun=noun, **named)
        return len(rows)

    # Rings: a lead and the opportunity it became

    async def _purge_rings(self, connection: Connection) -> int:
        going: set[Row] = set()
        for table, statement in self._candidates.items():
            going |= {(table, row["tenant_id"], row["id"]) for row in await fetch(connection, statement, batch=BATCH)}
        links: list[tuple[Row, Row]] = []
        for one, statement in self._links:
            for row in await fetch(connection, statement, **_keys_of(going, one.target.name)):
                by, at = (
                    (one.table.name, row["tenant_id"], row["one"]),
                    (one.target.name, row["tenant_id"], row["other"]),
                )
                links.append((by, at))
        while held := {at for by, at in links if at in going and by not in going}:
            going -= held
        if not going:
            return 0
        named = {f"{part}_{one.name}": keys for one in self._ringed for part, keys in _keys_of(going, one.name).items()}
        return await self._purge(self._together, connection, **named)

    @cached_property
    def _ringed(self) -> list[Table]:
        """Tables from which a way of references leads back."""
        ways = {
            table.name: {one.target.name for one in self._due.pointing if one.table is table}
            for table in self._due.tables
        }
        for _ in ways:
            ways = {name: ends.union(*(ways[end] for end in ends)) for name, ends in ways.items()}
        return [table for table in self._due.swept if table.name in ways[table.name]]

    @cached_property
    def _candidates(self) -> dict[str, Statement]:
        found = {}
        for table in self._ringed:
            rows = table.alias("one")
            free = self._due.due(table, rows), ~self._due.held(table, rows, by_living=True)
            found[table.name] = Statement(select(rows.c.tenant_id, rows.c.id).where(*free).limit(_batch))
        return found

    @cached_property
    def _links(self) -> list[tuple[Pointing, Statement]]:
        found = []
        for one in self._due.pointing:
            if one.target in self._ringed:
                there, keys = one.table.alias(), _keys(_tenants, _ids)
                asked = select(there.c.tenant_id, there.c.id.label("one"), keys.c.id.label("other"))
                found.append((one, Statement(asked.select_from(keys.join(there, one.meets(there, keys))))))
        return found

    @cached_property
    def _together(self) -> Statement:
        """One statement, since only at its end is it asked whether anything points at what is gone."""
        gone = []
        for table in self._ringed:
            binds = (bindparam(f"{part}_{table.name}", type_=ARRAY(Uuid)) for part in ("tenants", "ids"))
            keys = _keys(*binds)
            gone.append(self._deleted(table, select(keys.c.tenant_id, keys.c.id)))
        return Statement(union_all(*(select(*one.c) for one in gone)))


async def _in_batches(pool: Pool, some: Callable[[Connection], Awaitable[int]]) -> int:
    gone = 0
    while True:
        try:
            async with transaction(pool) as connection:
                await connection.execute(INDEXED)
                went = await some(connection)
        except asyncpg.ForeignKeyViolationError as error:  # somebody pointed at one meanwhile: the next sweep knows
            log.info("not purged", extra={"why": repr(error)})
            return gone
        gone += went
        if went < BATCH:
            return gone


def _keys_of(rows: set[Row], table: str) -> dict[str, list[UUID]]:
    theirs = [row for row in rows if row[0] == table]
    return {"tenants": [tenant for _, tenant, _ in theirs], "ids": [id for _, _, id in theirs]}


def _keys(tenants: Any, ids: Any) -> FromClause:
    columns = column("tenant_id", Uuid), column("id", Uuid)
    keys: FromClause = func.unnest(tenants, ids).table_valued(*columns).render_derived()
    return keys


def _following(table: Table, noun: str, record: str) -> Statement:
    keys = _keys(_tenants, _ids)
    gone = tuple_(table.c.tenant_id, table.c[record]).in_(select(keys.c.tenant_id, keys.c.id))
    return Statement(delete(table).where(table.c[noun] == bindparam("noun", type_=Text), gone))


_FOLLOWING = (
    _following(HISTORY, "aggregatetype", "aggregateid"),
    _following(EXTERNAL, "noun", "record_id"),
    _following(SHARE, "noun", "record_id"),
    _following(HELD, "noun", "record_id"),
)
