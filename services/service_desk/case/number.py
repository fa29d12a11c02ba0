"""Numbers of cases: 1, 2, 3 … in each tenant, without a gap."""

from sqlalchemy import BigInteger, Column, MetaData, Table, Uuid, bindparam
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.schema import PrimaryKeyConstraint

from chassis.call import Call
from chassis.database.statement import Statement
from chassis.database.walls import wall

METADATA = MetaData()
CASE_NUMBER = wall(
    Table(
        "case_number",
        METADATA,
        Column("tenant_id", Uuid),
        Column("last_number", BigInteger, nullable=False),
        PrimaryKeyConstraint("tenant_id", name="pk_case_number__tenant_id"),
    )
)
_first = insert(CASE_NUMBER).values(tenant_id=bindparam("caller_tenant", type_=Uuid), last_number=1)
_NEXT = Statement(
    _first.on_conflict_do_update(
        index_elements=["tenant_id"], set_={"last_number": CASE_NUMBER.c.last_number + 1}
    ).returning(CASE_NUMBER.c.last_number)
)


async def next_number(call: Call) -> int:
    """Held until the call ends: the tenant's other new cases wait for it, and a call that fails gives it back.

    A sequence would not wait, and leave a gap behind each failure. Take it last, so that nobody waits for long.
    """
    rows = await call.fetch(_NEXT, {})
    number: int = rows[0]["last_number"]
    return number
