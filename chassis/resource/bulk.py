"""Many records of one noun at once: locked by one statement, written by one statement.

For imports and other work on thousands of records. A refusal of the database undoes the transaction it happens in, so
whoever needs to know which record it was does them again one by one.
"""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any, TypeVar

import orjson
from google.protobuf.message import Message
from sqlalchemy import LargeBinary, Select, Table, Uuid, any_, bindparam, column, func, insert, select
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.sql.expression import FromClause, Insert

from chassis.call import Call
from chassis.custom.fit import searched_in
from chassis.custom.held import hold_values, unique_in
from chassis.database.statement import STATEMENTS
from chassis.events.outbox import OUTBOX
from chassis.ids import parse_id
from chassis.privacy.erased import refuse_erased
from chassis.resource.change import HISTORY, change_binds
from chassis.resource.external import EXTERNAL
from chassis.resource.kinds import timestamp
from chassis.resource.resource import Resource
from chassis.resource.seeing import in_sight

T = TypeVar("T", bound=Message)
_TENANT = bindparam("caller_tenant", type_=Uuid)
_ROWS = bindparam("rows", type_=JSONB)
_BY_DATABASE = {OUTBOX.c.position, OUTBOX.c.time}


async def lock_many(resource: Resource[T], call: Call, ids: Iterable[str]) -> dict[str, T]:
    """Living records for changing, held until the call ends, in the order of ids; by id. What is absent, deleted or not
    the caller's to change is left out."""
    sight = call.sight(resource.noun, "update")

    def build() -> Select[Any]:
        wanted = resource.table.c.id == any_(bindparam("ids", type_=ARRAY(Uuid)))
        theirs = in_sight(resource, sight), wanted, resource.table.c.delete_time.is_(None)
        return (
            select(*resource.codec.columns).where(*theirs).order_by(resource.table.c.id).with_for_update(key_share=True)
        )

    rows = await call.ask(("lock many", resource.noun.permission, sight), build, {"ids": [parse_id(id) for id in ids]})
    found = {}
    for row in rows:
        fields = resource.codec.fields(row)
        found[fields["id"]] = resource.message(**fields)
        call.before[resource.noun.permission, fields["id"]] = resource.message(**fields)
    return found


async def insert_many(resource: Resource[T], call: Call, made: Sequence[T], verb: str = "created") -> None:
    """Write what `Resource.prepared` gave: rows, history and events, all or none, with their external ids.

    The caller has seen to it that references stand, by locking them. Raises AlreadyExists for a value that is taken.
    """
    if not made:
        return
    await refuse_erased(call, resource.noun, made)
    statement = STATEMENTS.get(("insert many", resource.noun.permission), lambda: _insertion(resource.table))
    rows = [_row(resource, call, one, verb) for one in made]
    await call.fetch(statement, {"rows": orjson.dumps(rows, default=_json).decode()})
    elsewhere = [
        {"noun": resource.noun.permission, "record_id": one.id, "system": held.system, "external": held.id}  # type: ignore[attr-defined]  # as in id_of
        for one in made
        for held in getattr(one, "external_ids", ())
    ]
    if elsewhere:
        hold = STATEMENTS.get("hold many", lambda: _from_rows(EXTERNAL, _ROWS))
        await call.fetch(hold, {"rows": orjson.dumps(elsewhere).decode()})
    if unique := unique_in(call, resource.noun):
        await hold_values(call, unique, made)


def _row(resource: Resource[T], call: Call, one: T, verb: str) -> dict[str, Any]:
    who = {"actor_id": str(call.caller.user_id), "change_time": timestamp(call.now)}
    event: Any = resource.event(verb=verb, after=one, **who)
    values = resource.codec.values(one, searched_in(call, resource.noun))
    change = change_binds(resource.noun, call, values, verb, event.SerializeToString(deterministic=True))
    change["change_actor_id"] = call.caller.user_id
    return _as_json(resource.table, values) | _as_json(HISTORY, change, "change_") | _as_json(OUTBOX, change, "change_")


def _as_json(table: Table, values: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """JSON columns hold JSON already; bytes are written as PostgreSQL reads them."""
    found: dict[str, Any] = {}
    for one in table.c:
        value = values.get(prefix + one.name)
        if isinstance(one.type, JSONB) and value is not None:
            value = orjson.Fragment(value)
        elif isinstance(one.type, LargeBinary) and value is not None:
            value = f"\\x{value.hex()}"
        if prefix + one.name in values:
            found[prefix + one.name] = value
    return found


def _json(value: object) -> str:
    """UUIDs and amounts are read as they are printed."""
    return f"{value.total_seconds()} seconds" if isinstance(value, timedelta) else str(value)


def _insertion(table: Table) -> Insert:
    parts = [_from_rows(table, _ROWS), _from_rows(HISTORY, _ROWS, "change_")]
    last = _from_rows(OUTBOX, _ROWS, "change_").returning(OUTBOX.c.position)
    return last.add_cte(*(part.cte(f"part_{n}") for n, part in enumerate(parts)))


def _from_rows(table: Table, rows: Any, prefix: str = "") -> Insert:
    types = {one.name: one.type for one in table.c if one.name != "tenant_id" and one not in _BY_DATABASE}
    given = _recordset(rows, {prefix + name: type_ for name, type_ in types.items()})
    return insert(table).from_select(
        ["tenant_id", *types], select(_TENANT, *(given.c[prefix + name] for name in types))
    )


def _recordset(rows: Any, types: dict[str, Any]) -> FromClause:
    columns = (column(name, type_) for name, type_ in types.items())
    return func.jsonb_to_recordset(rows).table_valued(*columns).render_derived(with_types=True)
