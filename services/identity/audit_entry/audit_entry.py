"""What an audit entry is: a row that nobody may change or remove."""

from sqlalchemy import Index

from chassis.database.walls import append_only
from chassis.resource.noun import noun_table
from chassis.resource.resource import Resource
from kith.identity.v1.audit_entry_pb2 import AuditEntry

table = append_only(
    noun_table(
        AuditEntry,
        Index("audit_entry_resource", "tenant_id", "resource", "id"),
        Index("audit_entry_creator", "tenant_id", "creator_id", "id"),
        Index("audit_entry_action", "tenant_id", "action", "id"),
    )
)
AUDIT_ENTRIES = Resource(AuditEntry, table)
