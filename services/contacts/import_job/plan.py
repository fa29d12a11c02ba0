"""Rows as what they say of a record: each cell is read by itself, so that all faults of a row are told at once."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from chassis.access.caller import Caller
from chassis.errors import InvalidArgument, Refusal
from chassis.sealed.fields import sealed_fields
from chassis.values.email import same_email
from chassis.values.text import normalised
from contacts.import_job.cells import text
from contacts.import_job.fills import Fill, Settings
from contacts.import_job.rules import MissingKey, TooManyCells
from contacts.import_job.table import Row
from contacts.import_job.targets import Target, target_of
from kith.contacts.v1.import_job_pb2 import ImportJob

LONGEST_VALUE = 200
WITHHELD = "***"
HOME_CURRENCY = "CNY"


@dataclass
class Draft:
    """What one row says. It is rejected once it has an error that was not left out."""

    line: int
    digest: str
    given: Any
    named: set[str] = field(default_factory=set)  # the fields it has values for
    account: str = ""  # the name of the account it belongs to
    keys: dict[str, list[str]] = field(default_factory=dict)  # by key field, in the order they are asked
    errors: list[dict[str, Any]] = field(default_factory=list)
    rejected: bool = False

    @property
    def key(self) -> tuple[str, list[str]]:
        """The first key field it has values for, and those; empty where a row needs none."""
        return next(iter(self.keys.items()), ("", []))

    @property
    def key_text(self) -> str:
        name, values = self.key
        return f"{name}={values[0]}" if name else ""

    def refuse(self, why: Refusal, column: str = "", field: str = "", value: str = "", left_out: bool = False) -> None:
        is_sensitive = field.partition(".")[0] in sealed_fields(self.given.DESCRIPTOR)
        shown = WITHHELD if is_sensitive and value else value.replace("\0", "\ufffd")[:LONGEST_VALUE]
        told = {"line": self.line, "number": len(self.errors) + 1, "column": column, "field": field, "value": shown}
        self.errors.append(told | {"reason": why.reason, "message": str(why), "left_out": left_out})
        self.rejected = self.rejected or not left_out


class Plan:
    """The mapping of one import, ready to read rows. Raises InvalidArgument for a mapping to no field."""

    def __init__(self, job: ImportJob, caller: Caller) -> None:
        self.target: Target = target_of(job.noun)
        self.mode, self.key_fields, self._skips = job.mode, list(job.key_fields), job.skip_bad_values
        currency = job.currency_code or caller.base_currency or HOME_CURRENCY
        self._settings = Settings(currency, job.external_system or "import", caller.time_zone)
        self.system = self._settings.system
        mapped = {one.column: one for one in job.mapping if one.field}
        if unknown := mapped.keys() - set(job.columns):
            raise InvalidArgument.of("mapping", f"the file has no column {', '.join(sorted(unknown))}")
        known = caller.custom.of(job.noun)
        self._columns: list[tuple[str, str, Fill | None]] = [
            (name, mapped[name].field, self.target.fill_of(mapped[name], known)) if name in mapped else (name, "", None)
            for name in job.columns
        ]
        unkeyed = [key for key in self.key_fields if key not in _KEYS]
        if unkeyed:
            raise InvalidArgument.of("key_fields", f"{', '.join(unkeyed)}: only {', '.join(_KEYS)}")

    @property
    def fields(self) -> set[str]:
        """The fields of the noun that it fills."""
        named, reference = self.target.named
        return {reference if said == named else said.partition(".")[0] for _, said, _ in self._columns if said}

    @property
    def links(self) -> bool:
        """Whether a column names accounts."""
        return any(said == self.target.named[0] for _, said, _ in self._columns)

    def column_of(self, path: str) -> str:
        """Of a field as a rule names it: `emails[0].address`, `custom_fields.tier`."""
        if exact := next((column for column, said, _ in self._columns if said == path), ""):
            return exact
        field = path.partition("[")[0].partition(".")[0]
        named, reference = self.target.named
        wanted = {field, named} if field == reference else {field}
        return next((column for column, said, _ in self._columns if said.partition(".")[0] in wanted), "")

    def read(self, row: Row) -> Draft:
        draft = Draft(row.line, _digest(row.cells), self.target.resource.message())
        if any(cell.strip() for cell in row.cells[len(self._columns) :]):
            draft.refuse(TooManyCells(f"the row has {len(row.cells)} cells, the header {len(self._columns)}"))
        for (column, said, fill), cell in zip(self._columns, row.cells, strict=False):
            if said:
                self._fill(draft, column, said, fill, cell)
        self._find_keys(draft)
        return draft

    def _fill(self, draft: Draft, column: str, said: str, fill: Fill | None, cell: str) -> None:
        try:
            if fill is None:
                draft.account = " ".join(text(cell).split())
            elif fill(draft.given, cell, self._settings):
                draft.named.add(said.partition(".")[0])
        except InvalidArgument as problem:
            draft.refuse(problem, column, said, cell, left_out=self._skips)

    def _find_keys(self, draft: Draft) -> None:
        for name in self.key_fields:
            if values := _KEYS[name](draft):
                draft.keys[name] = values
        if self.key_fields and not draft.keys and self.mode != ImportJob.CREATE and not draft.rejected:
            draft.refuse(MissingKey(f"the row has none of {', '.join(self.key_fields)}"))


def _digest(cells: list[str]) -> str:
    return hashlib.blake2b("\0".join(cells).encode(errors="replace"), digest_size=12).hexdigest()


def _name_key(draft: Draft) -> list[str]:
    name = normalised(draft.given.display_name)
    return [f"{name}@{normalised(draft.account)}" if draft.account else name] if name else []


# What two records have in common if a key field says that they are one.
_KEYS: dict[str, Callable[[Draft], list[str]]] = {
    "external_ids": lambda draft: [one.id for one in draft.given.external_ids],
    "registration_number": lambda draft: [draft.given.registration_number] if draft.given.registration_number else [],
    "emails": lambda draft: [same_email(one.address) for one in draft.given.emails],
    "phones": lambda draft: [f"{one.number}#{one.extension}" for one in draft.given.phones],
    "display_name": _name_key,
}
