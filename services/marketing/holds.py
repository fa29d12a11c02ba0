"""Who waits for whom while facts and segments change, in one order, so that nobody waits in a circle.

1. the tenant's segments: shared by whatever follows facts, alone for whoever changes a segment, so that everybody who
   follows a fact sees every segment, and a changed segment sees every fact;
2. the records that events tell of, since their events may come by two lanes at once;
3. the accounts and contacts it is about: a contact that comes to an account and a win of that account see each other;
4. the rows of the facts themselves, by id.
"""

import hashlib
from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import BigInteger, Integer, bindparam, func, select
from sqlalchemy.dialects.postgresql import ARRAY

from chassis.call import Call
from chassis.database.statement import Statement

_SEGMENTS = bindparam("segments", type_=BigInteger)
_records = func.unnest(bindparam("records", type_=ARRAY(BigInteger))).column_valued("key")
_keys = func.unnest(bindparam("customers", type_=ARRAY(BigInteger))).column_valued("key")
_ALONE = Statement(select(func.pg_advisory_xact_lock(_SEGMENTS)))
_SHARED = Statement(select(func.pg_advisory_xact_lock_shared(_SEGMENTS)))
_held = select(func.count(func.pg_advisory_xact_lock(_records), type_=Integer)).scalar_subquery()
_EVENTS = Statement(select(func.pg_advisory_xact_lock_shared(_SEGMENTS), _held))
_CUSTOMERS = Statement(select(func.count(func.pg_advisory_xact_lock(_keys), type_=Integer)))


async def segments_alone(call: Call) -> None:
    """Until the call ends nobody follows a fact. Take it before anything else."""
    await call.fetch(_ALONE, {"segments": _key("segments", call.caller.tenant_id)})


async def segments_shared(call: Call) -> None:
    """Until the call ends no segment changes."""
    await call.fetch(_SHARED, {"segments": _key("segments", call.caller.tenant_id)})


async def events_of(call: Call, records: Iterable[UUID]) -> None:
    """Until the call ends no segment changes, and nothing else is heard of these `records`."""
    keys = sorted({_key("record", id) for id in records})
    await call.fetch(_EVENTS, {"segments": _key("segments", call.caller.tenant_id), "records": keys})


async def customers(call: Call, ids: Iterable[UUID]) -> None:
    """Until the call ends nothing else is heard of these accounts and contacts."""
    keys = sorted({_key("customer", id) for id in ids})
    if keys:
        await call.fetch(_CUSTOMERS, {"customers": keys})


def _key(kind: str, id: UUID) -> int:
    """One of 2^64: two that meet only wait for each other."""
    digest = hashlib.blake2b(id.bytes, digest_size=8, person=kind.encode()).digest()
    return int.from_bytes(digest, signed=True)
