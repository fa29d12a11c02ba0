"""The keys that a tenant's sensitive fields are sealed with: made here, kept wrapped, told to the suite's services."""

import hashlib
import hmac
import os
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, LargeBinary, Uuid, bindparam, insert, select

from chassis.call import Call
from chassis.database.statement import Statement
from chassis.sealed.keys import FRESH_SECONDS, KeyRing
from chassis.sealed.sealer import Sealer
from identity.authority import authority_of
from identity.tables import DATA_KEY
from identity.tenant.tenant import TENANTS, hold_tenant
from kith.identity.v1.authentication_pb2 import GetDataKeysResponse

HEARD = timedelta(seconds=3 * FRESH_SECONDS)  # by then every process has asked again
KEY_BYTES = 32
_TENANT = bindparam("caller_tenant", type_=Uuid)
_READ = Statement(select(DATA_KEY).where(DATA_KEY.c.tenant_id == _TENANT).order_by(DATA_KEY.c.version))
_ADD = Statement(
    insert(DATA_KEY)
    .values(
        tenant_id=_TENANT,
        version=bindparam("version", type_=BigInteger),
        wrapped=bindparam("wrapped", type_=LargeBinary),
        begin_time=bindparam("begin_time", type_=DateTime(timezone=True)),
    )
    .returning(DATA_KEY)
)


async def data_keys(call: Call) -> GetDataKeysResponse:
    """Those of the call's tenant; the first is made when it is asked for. Raises NotFound for no tenant."""
    rows = await call.fetch(_READ, {})
    if not rows:
        await TENANTS.get(call, str(call.caller.tenant_id))
        await hold_tenant(call)
        rows = await call.fetch(_READ, {}) or await _add(call, 1, call.now)
    keys = [{"version": row["version"], "key": _unwrapped(call, row)} for row in rows]
    current = max(row["version"] for row in rows if row["version"] == 1 or row["begin_time"] <= call.now)
    return GetDataKeysResponse(keys=keys, current=current, digest_key=_digest_key(call))  # type: ignore[arg-type]  # a dict makes a message


async def ring_of(call: Call) -> KeyRing:
    """As identity uses them itself."""
    told = await data_keys(call)
    return KeyRing(told.current, {one.version: Sealer(one.key) for one in told.keys}, told.digest_key)


async def add_data_key(call: Call) -> datetime:
    """Another one, and from when on it is used; what is sealed already stays readable."""
    await hold_tenant(call)
    rows = await call.fetch(_READ, {})
    begin = call.now + HEARD if rows else call.now
    await _add(call, rows[-1]["version"] + 1 if rows else 1, begin)
    return begin


async def _add(call: Call, version: int, begin: datetime) -> list[Any]:
    wrapped = _wrapping(call).seal(_place(call.caller.tenant_id, version), os.urandom(KEY_BYTES))
    return await call.fetch(_ADD, {"version": version, "wrapped": wrapped, "begin_time": begin})


def _digest_key(call: Call) -> bytes:
    """Follows from our secret, so that no table holds it."""
    said = b"kith digests\0" + call.caller.tenant_id.bytes
    return hmac.digest(authority_of(call).sealing.encode(), said, hashlib.sha256)


def _unwrapped(call: Call, row: Any) -> bytes:
    return _wrapping(call).open(_place(row["tenant_id"], row["version"]), row["wrapped"])


def _wrapping(call: Call) -> Sealer:
    """The one place that would ask a key service instead."""
    return Sealer.of("kith data keys", authority_of(call).sealing)


def _place(tenant_id: UUID, version: int) -> bytes:
    return f"{tenant_id}/{version}".encode()
