"""The ids that records have elsewhere: one row each, so that no two living records of a noun claim the same."""

from collections.abc import Iterable
from typing import Any

from google.protobuf.message import Message
from sqlalchemy import Column, MetaData, Table, Text, Uuid, bindparam, delete, func, select
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.schema import PrimaryKeyConstraint

from chassis.call import Call
from chassis.database.statement import Statement
from chassis.database.walls import wall
from chassis.ids import parse_id

METADATA = MetaData()
EXTERNAL = wall(
    Table(
        "external_id",
        METADATA,
        Column("tenant_id", Uuid),
        Column("noun", Text),
        Column("system", Text),
        Column("external", Text),
        Column("record_id", Uuid, nullable=False, index=True),
        PrimaryKeyConstraint("tenant_id", "noun", "system", "external", name="pk_external_id__external_ids"),
    )
)
_TENANT, _NOUN = bindparam("caller_tenant", type_=Uuid), bindparam("noun", type_=Text)
_RECORD, _SYSTEM = bindparam("record", type_=Uuid), bindparam("system", type_=Text)
_MANY = {name: func.unnest(bindparam(name, type_=ARRAY(Text))) for name in ("systems", "externals")}
_FREE = Statement(
    delete(EXTERNAL).where(EXTERNAL.c.tenant_id == _TENANT, EXTERNAL.c.noun == _NOUN, EXTERNAL.c.record_id == _RECORD)
)
_HOLD = Statement(
    insert(EXTERNAL).from_select(
        ["tenant_id", "noun", "record_id", "system", "external"], select(_TENANT, _NOUN, _RECORD, *_MANY.values())
    )
)
_FIND = Statement(
    select(EXTERNAL.c.external, EXTERNAL.c.record_id).where(
        EXTERNAL.c.tenant_id == _TENANT,
        EXTERNAL.c.noun == _NOUN,
        EXTERNAL.c.system == _SYSTEM,
        EXTERNAL.c.external == func.any(bindparam("externals", type_=ARRAY(Text))),
    )
)


async def hold(call: Call, noun: str, record: Any) -> None:
    """Make `record` the one that has its external ids, and no others. Raises AlreadyExists for one that is taken."""
    binds = {"noun": noun, "record": parse_id(record.id)}
    await call.fetch(_FREE, binds)
    if record.external_ids and not record.HasField("delete_time"):
        systems, externals = [one.system for one in record.external_ids], [one.id for one in record.external_ids]
        await call.fetch(_HOLD, {**binds, "systems": systems, "externals": externals})


async def find(call: Call, noun: str, system: str, externals: Iterable[str]) -> dict[str, str]:
    """External id -> id of the living record that has it; whether the caller may see that one is not asked here."""
    rows = await call.fetch(_FIND, {"noun": noun, "system": system, "externals": list(externals)})
    return {row["external"]: str(row["record_id"]) for row in rows}


def has_external(message: type[Message]) -> bool:
    return "external_ids" in message.DESCRIPTOR.fields_by_name
