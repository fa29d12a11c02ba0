"""What the audit trail is told beyond the events of nouns, as an event of its own in the outbox."""

from collections.abc import Iterator, Sequence
from uuid import UUID

import orjson

from chassis.call import Call
from chassis.database.session import Session
from chassis.events.alone import publish_alone
from kith.v1.audit_pb2 import AuditRecord

DENIED, READ, EXPORTED = "denied", "read", "exported"


async def write(session: Session, service: str, tenant_id: UUID, record: AuditRecord, headers: dict[str, str]) -> None:
    """Into the outbox, with whatever else this transaction does."""
    type = service, "audit", record.action
    await publish_alone(session, type, tenant_id, record, orjson.dumps(headers).decode())


def readings(method: str, told: Sequence[tuple[str, str, str]]) -> Iterator[AuditRecord]:
    """Of (noun, record, field), one a noun."""
    for noun in sorted({noun for noun, _, _ in told}):
        ids = list(dict.fromkeys(id for of, id, _ in told if of == noun))
        fields = sorted({name for of, _, name in told if of == noun})
        yield AuditRecord(method=method, noun=noun, record_ids=ids, fields=fields)


async def exported(call: Call, noun: str, ids: Sequence[str] = (), times: int = 1) -> None:
    """Somebody takes records of `noun` out: those, or as many as `times` says."""
    await recorded(call, EXPORTED, noun, ids, times)


async def recorded(call: Call, action: str, noun: str, ids: Sequence[str] = (), times: int = 1) -> None:
    """Something was done, in the past tense, that no event of `noun` tells of. It stands or falls with the call."""
    record = AuditRecord(action=action, actor_id=str(call.caller.user_id), noun=noun, record_ids=ids, times=times)
    record.act_time.FromDatetime(call.now)
    service = noun.partition(".")[0]
    await write(call.session, service, call.caller.tenant_id, record, call.told)
