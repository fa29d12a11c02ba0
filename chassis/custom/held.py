"""Values of unique custom fields: one row each, so that no two living records of a noun have the same."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Column, MetaData, Table, Text, Uuid, any_, bindparam, delete, func, select
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.schema import PrimaryKeyConstraint

from chassis.call import Call
from chassis.custom.schema import OPEN, Defined
from chassis.custom.values import plain
from chassis.database.statement import Statement
from chassis.database.walls import wall
from chassis.errors import AlreadyExists
from chassis.ids import parse_id
from chassis.resource.noun import Noun

METADATA = MetaData()
HELD = wall(
    Table(
        "custom_value",
        METADATA,
        Column("tenant_id", Uuid),
        Column("noun", Text),
        Column("code", Text),
        Column("value", Text),
        Column("record_id", Uuid, nullable=False, index=True),
        PrimaryKeyConstraint("tenant_id", "noun", "code", "value", name="pk_custom_value__custom_fields"),
    )
)
_TENANT, _NOUN = bindparam("caller_tenant", type_=Uuid), bindparam("noun", type_=Text)
_RECORDS, _CODES = bindparam("records", type_=ARRAY(Uuid)), bindparam("codes", type_=ARRAY(Text))
_FREE = Statement(
    delete(HELD).where(HELD.c.tenant_id == _TENANT, HELD.c.noun == _NOUN, HELD.c.record_id == any_(_RECORDS))
)
_rows = (
    func.unnest(_RECORDS, _CODES, bindparam("values", type_=ARRAY(Text)))
    .table_valued("record_id", "code", "value")
    .render_derived()
)
# Who writes the same value at the same time is waited for, and then is either gone or there.
_HOLD = Statement(
    insert(HELD)
    .from_select(
        ["tenant_id", "noun", "record_id", "code", "value"],
        select(_TENANT, _NOUN, _rows.c.record_id, _rows.c.code, _rows.c.value).order_by(_rows.c.code, _rows.c.value),
    )
    .on_conflict_do_nothing()
    .returning(HELD.c.record_id, HELD.c.code)
)


def unique_in(call: Call, noun: Noun) -> Defined | None:
    """What the tenant added to `noun`, where some of it is unique."""
    defined = call.caller.custom.of(noun.permission)
    return defined if defined and defined.unique else None


async def hold_changed(call: Call, noun: Noun, record: Any, names: Collection[str]) -> None:
    """After a change of the fields `names`. Raises as `hold_values`."""
    if (unique := unique_in(call, noun)) and (OPEN in names or "delete_time" in names):
        await hold_values(call, unique, [record])


async def hold_values(call: Call, defined: Defined, records: Sequence[Any]) -> None:
    """Make each of `records` the one that has its values. Raises AlreadyExists naming the fields that are taken."""
    binds: dict[str, Any] = {"noun": defined.noun, "records": [parse_id(one.id) for one in records]}
    await call.fetch(_FREE, binds)
    wanted = [
        (parse_id(one.id), code, str(plain(one.custom_fields.fields[code])))
        for one in records
        if not one.HasField("delete_time")
        for code in defined.unique
        if code in one.custom_fields.fields
    ]
    if not wanted:
        return
    ids, codes, values = zip(*wanted, strict=True)
    rows = await call.fetch(_HOLD, {**binds, "records": [*ids], "codes": [*codes], "values": [*values]})
    taken = {(id, code) for id, code, _ in wanted} - {(row["record_id"], row["code"]) for row in rows}
    if taken:
        fields = dict.fromkeys(sorted(f"{OPEN}.{code}" for _, code in taken), "is taken")
        raise AlreadyExists(f"{', '.join(fields)} is taken", fields=fields, field=next(iter(fields)))
