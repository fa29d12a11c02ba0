"""Goes along the chain of a tenant and says where it does not hold."""

from google.protobuf.json_format import MessageToDict

from chassis.audit.chain import FIRST, Walk, Wrong
from chassis.call import Call
from identity.audit_entry.kept import entries_after, hash_at, head_of, is_ours, keys_of
from identity.audit_entry.values import opened
from kith.identity.v1.audit_entry_pb2 import (
    AuditEntry,
    ChainFault,
    VerifyAuditChainRequest,
    VerifyAuditChainResponse,
)

PAGE, MOST, MOST_FAULTS = 1000, 20_000, 100


async def verify_audit_chain(call: Call, request: VerifyAuditChainRequest) -> VerifyAuditChainResponse:
    """The head is read first: what is written meanwhile is behind it, and not looked at."""
    head = await head_of(call)
    has_lost_head = not head.sequence and await entries_after(call, 0, 1) and not (await head_of(call)).sequence
    begin = request.after_sequence
    walk = Walk(head.tenant_id, begin, await hash_at(call, begin) if begin else FIRST)
    whole = False
    while not whole and walk.sequence - begin < MOST and len(walk.faults) < MOST_FAULTS:
        page = await entries_after(call, walk.sequence, PAGE)
        await _see(call, walk, [one for one in page if one.sequence <= head.sequence])
        whole = len(page) < PAGE or page[-1].sequence >= head.sequence
    if whole:
        walk.end(head.sequence, head.hash, sealed=is_ours(head) and not has_lost_head)
    faults = [ChainFault(sequence=at, kind=_kind(wrong)) for at, wrong in walk.faults[:MOST_FAULTS]]
    return VerifyAuditChainResponse(sound=not faults, faults=faults, verified_sequence=walk.sequence, head=head)


async def _see(call: Call, walk: Walk, page: list[AuditEntry]) -> None:
    keys = await keys_of(call, page)
    for entry in page:
        walk.see(MessageToDict(entry, preserving_proto_field_name=True))
        key = keys.get(entry.resource)
        if key and not all(opened(change, key).salt for change in entry.changes):
            walk.faults.append((entry.sequence, Wrong.ALTERED))


def _kind(wrong: Wrong) -> ChainFault.Kind.ValueType:
    return ChainFault.Kind.Value(wrong.name)
