"""Entries in the order of the chain, for a copy that can be verified without us."""

from chassis.audit.record import exported
from chassis.call import Call
from identity.audit_entry.audit_entry import AUDIT_ENTRIES
from identity.audit_entry.kept import entries_after, head_of
from identity.audit_entry.show import show
from kith.identity.v1.audit_entry_pb2 import ExportAuditEntriesRequest, ExportAuditEntriesResponse

PAGE = 1000


async def export_audit_entries(call: Call, request: ExportAuditEntriesRequest) -> ExportAuditEntriesResponse:
    """That they were taken out is written down, too."""
    head = await head_of(call)
    found = await entries_after(call, request.after_sequence, PAGE)
    entries = [one for one in found if one.sequence <= head.sequence]
    await show(call, entries)
    await exported(call, AUDIT_ENTRIES.noun.permission, times=len(entries))
    has_more = bool(entries) and entries[-1].sequence < head.sequence
    return ExportAuditEntriesResponse(audit_entries=entries, head=head, has_more=has_more)
