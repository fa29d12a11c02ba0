"""What a table can become: which fields of a noun a column may fill."""

from dataclasses import dataclass, field
from typing import Any

from chassis.custom.schema import Defined
from chassis.errors import InvalidArgument
from chassis.resource.resource import Resource
from contacts.account.account import ACCOUNTS
from contacts.contact.contact import CONTACTS
from contacts.import_job.custom_fills import defined
from contacts.import_job.fills import Fill, custom, fill_of, registration, whole_name
from kith.contacts.v1.import_job_pb2 import ImportJob

CUSTOM = "custom_fields."
TIMES = frozenset({"create_time", "update_time"})  # of records that are new here, for whoever may move them


@dataclass(frozen=True)
class Target:
    """`named` is what a column of account names fills; `needed` are fields of which a record wants one."""

    resource: Resource[Any]
    named: tuple[str, str]  # as a mapping calls it, and the field
    needed: tuple[str, ...]
    fills: dict[str, Fill] = field(default_factory=dict)

    @property
    def noun(self) -> str:
        return self.resource.noun.permission

    def fill_of(self, mapping: ImportJob.ColumnMapping, known: Defined | None = None) -> Fill | None:
        """None for a column that is left out, or names an account; `known` are the tenant's own fields.

        Raises InvalidArgument.
        """
        if mapping.field in ("", self.named[0]):
            return None
        if mapping.field.startswith(CUSTOM) and len(mapping.field) > len(CUSTOM):
            code = mapping.field.removeprefix(CUSTOM)
            field = known.fields.get(code) if known else None
            return defined(field) if field else custom(code, mapping.kind)
        if mapping.field not in self.fills:
            raise InvalidArgument.of("mapping", f"{mapping.column}: {mapping.field!r} is no field that a file can fill")
        return self.fills[mapping.field]


def target_of(noun: str) -> Target:
    """Raises InvalidArgument."""
    if noun not in TARGETS:
        raise InvalidArgument.of("noun", f"{noun!r} cannot be imported here; one of {', '.join(TARGETS)}")
    return TARGETS[noun]


def _fills(resource: Resource[Any], **special: Fill) -> dict[str, Fill]:
    found = {}
    for name, one in resource.noun.fields.items():
        fill = special.get(name) or fill_of(one.descriptor)
        if fill and name not in (resource.outputs - TIMES) | {"owner_id", "labels", "custom_fields", "etag"}:
            found[name] = fill
    return found


TARGETS = {
    "contacts.contact": Target(
        CONTACTS,
        ("account", "account_id"),
        ("display_name", "family_name", "given_name"),
        _fills(CONTACTS, display_name=whole_name),
    ),
    "contacts.account": Target(
        ACCOUNTS,
        ("parent", "parent_id"),
        ("display_name",),
        _fills(ACCOUNTS, registration_number=registration),
    ),
}
