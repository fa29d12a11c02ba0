"""What a tenant has settled, kept from identity's events: where its days begin, and which currency it reckons in."""

from dataclasses import replace
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import BigInteger, Column, MetaData, Table, Text, Uuid, bindparam, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.schema import PrimaryKeyConstraint

from chassis.access.caller import UTC
from chassis.call import Call
from chassis.database.statement import Statement
from chassis.database.walls import wall

METADATA = MetaData()
KNOWN_TENANT = wall(
    Table(
        "known_tenant",
        METADATA,
        Column("tenant_id", Uuid),
        Column("time_zone", Text, nullable=False),
        Column("base_currency", Text, nullable=False),
        Column("sequence", BigInteger, nullable=False),
        PrimaryKeyConstraint("tenant_id", name="pk_known_tenant__tenant_id"),
    )
)
_TENANT = bindparam("caller_tenant", type_=Uuid)
_names = ("time_zone", "base_currency", "sequence")
_new = insert(KNOWN_TENANT).values(
    tenant_id=_TENANT, **{name: bindparam(name, type_=KNOWN_TENANT.c[name].type) for name in _names}
)
_KEEP = Statement(
    _new.on_conflict_do_update(
        index_elements=["tenant_id"],
        set_={name: _new.excluded[name] for name in _names},
        where=KNOWN_TENANT.c.sequence < _new.excluded.sequence,
    )
)
_READ = Statement(
    select(KNOWN_TENANT.c.time_zone, KNOWN_TENANT.c.base_currency).where(KNOWN_TENANT.c.tenant_id == _TENANT)
)


async def keep_tenant(call: Call, time_zone: str, base_currency: str, sequence: int) -> bool:
    """Unless something newer is known. Whether the currency is another than before."""
    before = await call.fetch(_READ, {})
    await call.fetch(_KEEP, {"time_zone": time_zone, "base_currency": base_currency, "sequence": sequence})
    after = await call.fetch(_READ, {})
    return not before or bool(before[0]["base_currency"] != after[0]["base_currency"])


async def as_tenant(call: Call) -> Call:
    """The same moment, transaction, trace and lane, with the rights of the service where the tenant is.

    For what follows from a call by itself, whoever made it: who is in a segment does not depend on who asks. Until the
    tenant is known its days begin in UTC, and it has no currency.
    """
    rows = await call.fetch(_READ, {})
    zone, currency = (rows[0]["time_zone"], rows[0]["base_currency"]) if rows else ("", "")
    caller = replace(call.caller.served_by("marketing"), time_zone=_zone(zone), base_currency=currency)
    served = Call(caller, "", call.session, call.now, call.means, call.traceparent)
    served.lane = call.lane
    return served


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name) if name else UTC
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC
