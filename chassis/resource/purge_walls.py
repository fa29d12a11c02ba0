"""What the worker may see of records, to sweep those past their time, and what of them it may delete: no others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Table, delete

from chassis.custom.held import HELD
from chassis.database.statement import DIALECT
from chassis.database.walls import quoted
from chassis.resource.change import HISTORY, HISTORY_KEPT
from chassis.resource.due import Due, there_is
from chassis.resource.external import EXTERNAL
from chassis.resource.share_table import SHARE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chassis.resource.resource import Resource


def sweeping_sql(service: str, nouns: Sequence[Resource[Any]]) -> str:
    """After the tables and their other grants. It sees which records there are and what they point at, nothing else;
    it deletes what is due, and of history, external ids and shares what is old or belongs to a record that is gone."""
    due, worker = Due(nouns), quoted(f"{service}_worker")
    lines = [line for table in due.tables for line in _of_noun(due, table, worker)]
    columns = "tenant_id, aggregatetype, aggregateid, sequence, change_time"
    gone = f"change_time < now() - {HISTORY_KEPT} or {_gone(nouns, HISTORY, 'aggregatetype', 'aggregateid')}"
    lines += _of_table(HISTORY, columns, gone, worker)
    for table in (EXTERNAL, SHARE, HELD):
        lines += _of_table(table, "tenant_id, noun, record_id", _gone(nouns, table, "noun", "record_id"), worker)
    return "".join(f"{line};\n" for line in lines)


def _of_noun(due: Due, table: Table, worker: str) -> list[str]:
    seen = {"tenant_id", "id", "purge_time"} | {one.column for one in due.pointing if one.table is table}
    columns = ", ".join(quoted(one.name) for one in table.c if one.name in seen)
    if table in due.swept:
        return _of_table(table, columns, _sql(table, due.due(table)), worker)
    return [f"grant select ({columns}) on {quoted(table.name)} to {worker}", _look(table, worker)]


def _of_table(table: Table, columns: str, gone: str, worker: str) -> list[str]:
    name = quoted(table.name)
    return [
        f"grant select ({columns}), delete on {name} to {worker}",
        _look(table, worker),
        f"create policy sweep on {name} for delete to {worker} using (true)",
        # Restrictive: whatever tenant it says it works for, it deletes nothing else.
        f"create policy due on {name} as restrictive for delete to {worker} using ({gone})",
    ]


def _look(table: Table, worker: str) -> str:
    return f"create policy look on {quoted(table.name)} for select to {worker} using (true)"


def _gone(nouns: Sequence[Resource[Any]], table: Table, noun: str, record: str) -> str:
    """Whether the record that a row of `table` is about is no more."""
    ways = " ".join(
        f"when '{one.noun.permission}' then {_sql(table, _is_gone(one.table, table, record))}" for one in nouns
    )
    return f"case {table.name}.{noun} {ways} else false end" if ways else "false"


def _is_gone(records: Table, table: Table, record: str) -> ColumnElement[bool]:
    rows = records.alias("record")
    same = rows.c.tenant_id == table.c.tenant_id, rows.c.id == table.c[record]
    return ~there_is(rows, table, *same)


def _sql(table: Table, condition: ColumnElement[bool]) -> str:
    whole = " ".join(str(delete(table).where(condition).compile(dialect=DIALECT)).split())
    return whole.partition(" WHERE ")[2]
