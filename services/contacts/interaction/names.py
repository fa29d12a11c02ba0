"""What campaigns and segments are called, kept from marketing's events, so that a timeline can say it."""

from sqlalchemy import BigInteger, Column, MetaData, Table, Text, Uuid, bindparam, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.schema import PrimaryKeyConstraint

from chassis.call import Call
from chassis.database.statement import Statement
from chassis.database.walls import wall
from chassis.ids import parse_id

METADATA = MetaData()
KNOWN_NAME = wall(
    Table(
        "known_name",
        METADATA,
        Column("tenant_id", Uuid),
        Column("record_id", Uuid),
        Column("display_name", Text, nullable=False),
        Column("sequence", BigInteger, nullable=False),
        PrimaryKeyConstraint("tenant_id", "record_id", name="pk_known_name__record_id"),
    )
)
_TENANT = bindparam("caller_tenant", type_=Uuid)
_given = {name: bindparam(name, type_=KNOWN_NAME.c[name].type) for name in ("record_id", "display_name", "sequence")}
_new = insert(KNOWN_NAME).values(tenant_id=_TENANT, **_given)
_KEEP = Statement(
    _new.on_conflict_do_update(
        index_elements=["tenant_id", "record_id"],
        set_={"display_name": _new.excluded.display_name, "sequence": _new.excluded.sequence},
        where=KNOWN_NAME.c.sequence < _new.excluded.sequence,
    )
)
_READ = Statement(
    select(KNOWN_NAME.c.display_name).where(
        KNOWN_NAME.c.tenant_id == _TENANT, KNOWN_NAME.c.record_id == _given["record_id"]
    )
)


async def keep_name(call: Call, id: str, name: str, sequence: int) -> None:
    """Unless a newer one is known."""
    await call.fetch(_KEEP, {"record_id": parse_id(id), "display_name": name, "sequence": sequence})


async def name_of(call: Call, id: str) -> str:
    """Empty where it is not known yet."""
    rows = await call.fetch(_READ, {"record_id": parse_id(id)})
    return str(rows[0]["display_name"]) if rows else ""
