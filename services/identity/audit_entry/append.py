"""Writes entries behind the end of their tenant's chain, many in one transaction; whoever else does waits."""

import os
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ARRAY, LargeBinary, Text, Uuid, bindparam, func, select, update
from sqlalchemy.dialects.postgresql import insert

from chassis.audit.chain import FIRST, NUMBERS, PLAIN_TEXTS, TIMES, Entry, hash_of
from chassis.audit.seal import head_bytes
from chassis.call import Call
from chassis.database.statement import Statement
from chassis.ids import new_id
from identity.audit_entry.audit_entry import AUDIT_ENTRIES, table
from identity.audit_entry.values import key_of, shut
from identity.authority import authority_of
from identity.tables import AUDIT_HEAD, AUDIT_KEY
from kith.identity.v1.audit_entry_pb2 import AuditEntry

_TENANT = bindparam("caller_tenant", type_=Uuid)
_held = insert(AUDIT_HEAD).values(tenant_id=_TENANT, sequence=0, hash=FIRST, seal="")
# Locks the head, made with the first entry: whoever comes meanwhile waits for this transaction to end.
_HOLD = Statement(
    _held.on_conflict_do_update(index_elements=["tenant_id"], set_={"sequence": AUDIT_HEAD.c.sequence}).returning(
        AUDIT_HEAD.c.sequence, AUDIT_HEAD.c.hash
    )
)
_MOVE = Statement(
    update(AUDIT_HEAD)
    .where(AUDIT_HEAD.c.tenant_id == _TENANT)
    .values({name: bindparam(f"head_{name}", type_=AUDIT_HEAD.c[name].type) for name in ("sequence", "hash", "seal")})
    .returning(AUDIT_HEAD.c.sequence)
)
_records = (
    func.unnest(bindparam("records", type_=ARRAY(Text)), bindparam("salts", type_=ARRAY(LargeBinary)))
    .table_valued("resource", "salt", name="given")
    .render_derived()
)
_kept = insert(AUDIT_KEY).from_select(
    ["tenant_id", "resource", "salt"], select(_TENANT, _records.c.resource, _records.c.salt)
)
_SALTS = Statement(
    _kept.on_conflict_do_update(
        index_elements=["tenant_id", "resource"], set_={"resource": _kept.excluded.resource}
    ).returning(AUDIT_KEY.c.resource, AUDIT_KEY.c.salt)
)
_columns = [column for column in table.c if column.name != "tenant_id"]
_rows = (
    func.unnest(*(bindparam(f"all_{column.name}", type_=ARRAY(column.type)) for column in _columns))
    .table_valued(*(column.name for column in _columns), name="given")
    .render_derived()
)
_ADD = Statement(
    insert(table)
    .from_select(["tenant_id", *(column.name for column in _columns)], select(_TENANT, *_rows.c))
    .returning(table.c.sequence)
)


async def append(call: Call, entries: Sequence[AuditEntry]) -> None:
    """As the next links of the chain of the call's tenant, in this order; they are completed in place."""
    if not entries:
        return
    keys = await _keys(call, entries)
    ((sequence, hash),) = await call.fetch(_HOLD, {})
    tenant_id = str(call.caller.tenant_id)
    for entry in entries:
        sequence += 1
        entry.id, entry.sequence, entry.previous_hash = str(new_id()), sequence, hash
        entry.create_time.FromDatetime(call.now)
        if entry.changes:
            changes = shut([*entry.changes], keys[entry.resource])
            entry.ClearField("changes")
            entry.changes.extend(changes)
        hash = entry.hash = hash_of(tenant_id, _said(entry))
    await _add(call, entries)
    seal = authority_of(call).seal.sign(head_bytes(tenant_id, sequence, hash))
    await call.fetch(_MOVE, {"head_sequence": sequence, "head_hash": hash, "head_seal": seal})


def _said(entry: Any) -> Entry:
    """As the contract writes it in JSON, as far as it is hashed; `MessageToDict` takes seven times as long."""
    said = {name: getattr(entry, name) for name in (*PLAIN_TEXTS, *NUMBERS)}
    said |= {name: getattr(entry, name).ToJsonString() for name in TIMES}
    said["outcome"] = AuditEntry.Outcome.Name(entry.outcome)
    return said | {"changes": [{"digest": one.digest} for one in entry.changes]}


async def _keys(call: Call, entries: Sequence[AuditEntry]) -> dict[str, Any]:
    """Of each record of which values are told; in one order, so that two who need the same do not wait in a ring."""
    records = sorted({entry.resource for entry in entries if entry.changes})
    if not records:
        return {}
    salts = [os.urandom(32) for _ in records]
    rows = await call.fetch(_SALTS, {"records": records, "salts": salts})
    secret, tenant_id = authority_of(call).sealing, call.caller.tenant_id
    return {row["resource"]: key_of(secret, tenant_id, row["salt"]) for row in rows}


async def _add(call: Call, entries: Sequence[AuditEntry]) -> None:
    values = [AUDIT_ENTRIES.codec.values(entry) for entry in entries]
    await call.fetch(_ADD, {f"all_{one.name}": [row[one.name] for row in values] for one in _columns})
