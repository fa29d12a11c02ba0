"""The trail as one reader may see it: values only of fields, and of kinds of record, that are theirs to read."""

from collections.abc import Iterable
from typing import Any

from chassis.access.caller import Caller, Reach
from chassis.call import Call
from chassis.errors import PermissionDenied
from chassis.resource.standard import standard
from identity.audit_entry.audit_entry import AUDIT_ENTRIES
from identity.audit_entry.heard import WITHHELD
from identity.audit_entry.kept import keys_of
from identity.audit_entry.values import opened
from kith.identity.v1.audit_entry_pb2 import (
    AuditEntry,
    BatchGetAuditEntriesRequest,
    BatchGetAuditEntriesResponse,
    GetAuditEntryRequest,
    ListAuditEntriesRequest,
    ListAuditEntriesResponse,
)

_get = standard(AUDIT_ENTRIES, "GetAuditEntry")
_batch_get: Any = standard(AUDIT_ENTRIES, "BatchGetAuditEntries")
_list: Any = standard(AUDIT_ENTRIES, "ListAuditEntries")


async def get_audit_entry(call: Call, request: GetAuditEntryRequest) -> AuditEntry:
    entry = await _get(call, request)
    await show(call, [entry])
    return entry


async def batch_get_audit_entries(call: Call, request: BatchGetAuditEntriesRequest) -> BatchGetAuditEntriesResponse:
    found: BatchGetAuditEntriesResponse = await _batch_get(call, request)
    await show(call, found.audit_entries)
    return found


async def list_audit_entries(call: Call, request: ListAuditEntriesRequest) -> ListAuditEntriesResponse:
    found: ListAuditEntriesResponse = await _list(call, request)
    await show(call, found.audit_entries)
    return found


async def show(call: Call, entries: Iterable[AuditEntry]) -> None:
    """Open what the caller may see of stored entries, in place."""
    entries = [*entries]
    keys = await keys_of(call, entries)
    for entry in entries:
        changes = [opened(one, keys.get(entry.resource)) for one in entry.changes]
        entry.ClearField("changes")
        entry.changes.extend(_seen(call.caller, entry.noun, one) for one in changes)


def _seen(caller: Caller, noun: str, change: AuditEntry.FieldChange) -> AuditEntry.FieldChange:
    """Who does not see all records of a kind learns nothing of their values from the trail either."""
    if change.field in caller.hides(noun) or not _reads_all(caller, noun):
        return AuditEntry.FieldChange(digest=change.digest)
    if change.field in caller.masks(noun):
        old, new = (WITHHELD if value else "" for value in (change.old_value, change.new_value))
        return AuditEntry.FieldChange(field=change.field, old_value=old, new_value=new, digest=change.digest)
    return change


def _reads_all(caller: Caller, noun: str) -> bool:
    try:
        return caller.reach(f"{noun}.read") is Reach.TENANT
    except PermissionDenied:
        return False
