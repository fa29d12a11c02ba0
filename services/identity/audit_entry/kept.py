"""The chain as it is kept: its head, its entries in order, and the keys of the records they are about."""

from collections.abc import Iterable, Mapping

from sqlalchemy import ARRAY, BigInteger, Text, Uuid, any_, bindparam, select

from chassis.audit.chain import FIRST
from chassis.audit.seal import head_bytes, is_sealed
from chassis.call import Call
from chassis.database.statement import Statement
from chassis.sealed.sealer import Sealer
from identity.audit_entry.audit_entry import AUDIT_ENTRIES, table
from identity.audit_entry.values import key_of
from identity.authority import authority_of
from identity.tables import AUDIT_HEAD, AUDIT_KEY
from kith.identity.v1.audit_entry_pb2 import AuditEntry, ChainHead

_TENANT = bindparam("caller_tenant", type_=Uuid)
_HEAD = Statement(select(AUDIT_HEAD).where(AUDIT_HEAD.c.tenant_id == _TENANT))
_AFTER = Statement(
    select(*AUDIT_ENTRIES.codec.columns)
    .where(table.c.tenant_id == _TENANT, table.c.sequence > bindparam("after", type_=BigInteger))
    .order_by(table.c.sequence, table.c.id)
    .limit(bindparam("most", type_=BigInteger))
)
_HASH = Statement(
    select(table.c.hash).where(
        table.c.tenant_id == _TENANT, table.c.sequence == bindparam("sequence", type_=BigInteger)
    )
)
_SALTS = Statement(
    select(AUDIT_KEY.c.resource, AUDIT_KEY.c.salt).where(
        AUDIT_KEY.c.tenant_id == _TENANT, AUDIT_KEY.c.resource == any_(bindparam("records", type_=ARRAY(Text)))
    )
)


async def head_of(call: Call) -> ChainHead:
    """Of a tenant without entries, one at 0 without a seal."""
    rows = await call.fetch(_HEAD, {})
    key = authority_of(call).seal.public_key
    head = ChainHead(tenant_id=str(call.caller.tenant_id), hash=FIRST, public_key=key)
    if rows:
        head.sequence, head.hash, head.seal = rows[0]["sequence"], rows[0]["hash"], rows[0]["seal"]
    return head


def is_ours(head: ChainHead) -> bool:
    said = head_bytes(head.tenant_id, head.sequence, head.hash)
    return not head.sequence or is_sealed(head.public_key, head.seal, said)


async def entries_after(call: Call, sequence: int, most: int) -> list[AuditEntry]:
    """In the order of the chain, as they are stored."""
    rows = await call.fetch(_AFTER, {"after": sequence, "most": most})
    return [AUDIT_ENTRIES.message(**AUDIT_ENTRIES.codec.fields(row)) for row in rows]


async def hash_at(call: Call, sequence: int) -> str:
    """Of the entry with this number; "" where there is none."""
    rows = await call.fetch(_HASH, {"sequence": sequence})
    return str(rows[0]["hash"]) if rows else ""


async def keys_of(call: Call, entries: Iterable[AuditEntry]) -> Mapping[str, Sealer]:
    """By record; of one that was erased there is none."""
    records = sorted({entry.resource for entry in entries if entry.changes})
    if not records:
        return {}
    secret, tenant_id = authority_of(call).sealing, call.caller.tenant_id
    rows = await call.fetch(_SALTS, {"records": records})
    return {row["resource"]: key_of(secret, tenant_id, row["salt"]) for row in rows}
