"""Which records are past their time, and which are still pointed at; read off the contract, for every noun alike.

A record is *due* once its `purge_time` has passed; so is a part (`part_of`) once its whole is.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Table, and_, exists, false, func, or_, select, text
from sqlalchemy.dialects.postgresql import array
from sqlalchemy.sql.expression import FromClause

from chassis.resource.references import at_home

if TYPE_CHECKING:
    from chassis.resource.resource import Resource


@dataclass(frozen=True)
class Pointing:
    """One reference from a noun to another of its service."""

    table: Table
    column: str
    several: bool
    part: bool
    target: Table

    def meets(self, one: FromClause, other: FromClause) -> ColumnElement[bool]:
        """Whether a row of `table` points at a row of `target`."""
        place: Any = one.c[self.column]
        points = place.op("@>")(array([other.c.id])) if self.several else place == other.c.id
        return and_(one.c.tenant_id == other.c.tenant_id, points)


class Due:
    """Asked of the nouns of one service."""

    def __init__(self, nouns: Sequence[Resource[Any]]) -> None:
        self.nouns = {one.table.name: one.noun.permission for one in nouns}
        self.tables = [one.table for one in nouns]
        self.pointing = [found for one in nouns for found in _pointing(one)]
        self.swept = [table for table in self.tables if "purge_time" in table.c or self.wholes(table)]

    def due(self, table: Table, rows: FromClause | None = None) -> ColumnElement[bool]:
        """Whether a row of `table` may go as far as it is itself concerned."""
        rows = table if rows is None else rows
        found = [rows.c.purge_time < func.now()] if "purge_time" in table.c else []
        empty: list[ColumnElement[bool]] = []
        for one in reversed(self.wholes(table)):
            found.append(and_(*empty, self._is_due(one, rows)))
            empty.append(rows.c[one.column].is_(None))
        return or_(false(), *found)

    def _is_due(self, part: Pointing, rows: FromClause) -> ColumnElement[bool]:
        whole = part.target.alias()
        return there_is(whole, rows, part.meets(rows, whole), self.due(part.target, whole))

    def wholes(self, table: Table) -> list[Pointing]:
        return [one for one in self.pointing if one.part and one.table is table]

    def held(self, table: Table, rows: FromClause, *, by_living: bool = False) -> ColumnElement[bool]:
        """Whether anything points at a row, or anything that is not due itself."""
        found = []
        for one in self.pointing:
            if one.target is table:
                there = one.table.alias()
                more = [there.c.id != rows.c.id] if one.table is table else []
                more += [~func.coalesce(self.due(one.table, there), false())] if by_living else []
                found.append(there_is(there, rows, one.meets(there, rows), *more))
        return or_(false(), *found)


def there_is(other: FromClause, rows: FromClause, *conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists(select(text("1")).select_from(other).where(*conditions).correlate(rows))


def _pointing(resource: Resource[Any]) -> Iterable[Pointing]:
    for name in resource.noun.references:
        field = resource.noun.fields[name]
        target = at_home(resource.noun, field.reference)
        if target is not None:
            yield Pointing(resource.table, name, bool(field.descriptor.is_repeated), field.part_of, target.table)
        elif field.part_of:
            raise TypeError(f"{field.descriptor.full_name}: only of a noun of the same service can it be a part")
