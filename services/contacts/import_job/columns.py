"""Which column becomes which field, as far as its name and its values say."""

import re
from collections.abc import Iterable, Sequence
from typing import Any

from chassis.custom.schema import Defined
from chassis.resource.resource import Resource
from contacts.import_job import cells
from contacts.import_job.cells import BadValue, NoSuchDay
from contacts.import_job.custom_fills import KINDS, called
from contacts.import_job.synonyms import NAMES, WORDS
from contacts.import_job.targets import CUSTOM, TIMES
from kith.contacts.v1.import_job_pb2 import ImportJob
from kith.v1 import options_pb2

Mapping = ImportJob.ColumnMapping
SEVERAL = {"emails", "phones"}  # fields that take several columns
MOST = 0.6  # of its values make a column one of days; the others are then the file's mistakes
KEYS = {
    "contacts.contact": ("external_ids", "emails", "phones", "display_name"),
    "contacts.account": ("external_ids", "registration_number", "display_name"),
}


def propose(
    resource: Resource[Any],
    columns: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    moves: bool = False,
    known: Defined | None = None,
) -> list[Mapping]:
    """One a column: the field it is called after, the tenant's own first; else a custom field of its own name, of the
    kind its values have.

    `rows` are the first of the table; who `moves` records may say when they were made. Nothing is dropped without being
    said: a column of no use is left out by hand.
    """
    noun, taken, found = resource.noun.permission, set[str](), []
    for place, column in enumerate(columns):
        own = called(known, squeezed, column)
        if own and f"{CUSTOM}{own.code}" not in taken:
            taken.add(f"{CUSTOM}{own.code}")
            found.append(Mapping(column=column, field=f"{CUSTOM}{own.code}", kind=KINDS.get(own.type, ImportJob.TEXT)))
            continue
        field = _field(noun, _known(resource), column)
        if (field in taken and field not in SEVERAL) or (field in TIMES and not moves):
            field = ""
        taken.add(field)
        values = [row[place] for row in rows if place < len(row)]
        found.append(Mapping(column=column, field=field) if field else _custom(column, values))
    return found


def keys(noun: str, mapping: Iterable[Mapping]) -> list[str]:
    """The fields that tell records of a noun apart, among those that are mapped."""
    mapped = {one.field for one in mapping}
    return [key for key in KEYS[noun] if key in mapped]


def squeezed(name: str) -> str:
    return re.sub(r"[\W_]+", "", name.casefold())


def _known(resource: Resource[Any]) -> dict[str, str]:
    """Squeezed label or name -> field, as the contract has them."""
    found: dict[str, str] = {}
    for name, field in resource.noun.fields.items():
        label = field.descriptor.GetOptions().Extensions[options_pb2.field_label]
        if name not in resource.outputs and not field.reference:
            found |= {squeezed(said): name for said in (name, label.zh, label.en) if said}
    return found


def _field(noun: str, known: dict[str, str], column: str) -> str:
    name = squeezed(re.sub(r" \(\d+\)$", "", column))
    for field, names in NAMES[noun].items():
        if name in names.split():
            return field
    if name in known:
        return known[name]
    parts = set(re.split(r"[\W_]+", column.casefold()))
    for field, words in WORDS[noun].items():
        if any(word in parts or (not word.isascii() and word in column) for word in words.split()):
            return field
    return ""


def _custom(column: str, values: Sequence[str]) -> Mapping:
    code = re.sub(r"\W+", "_", column.strip()).strip("_") or "column"
    return Mapping(column=column, field=f"custom_fields.{code}", kind=_kind(column, values))


def _kind(column: str, values: Iterable[str]) -> ImportJob.Kind.ValueType:
    """Days may be written as numbers, by spreadsheets; then it is the column's name that tells."""
    said = [value for value in values if cells.plain_or_empty(value)]
    days = bool(said) and sum(map(_is_day, said)) >= len(said) * MOST
    if days and re.search(r"日期|生日|\bdate\b|_date\b", column, re.IGNORECASE):
        return ImportJob.DATE
    if said and all(map(_is_number, said)):
        return ImportJob.NUMBER
    return ImportJob.DATE if days else ImportJob.TEXT


def _is_number(value: str) -> bool:
    """What begins with a zero is a code, and what has fifteen digits is none to reckon with."""
    try:
        cells.number(value)
    except BadValue:
        return False
    return not re.match(r"\s*0\d", value) and len(re.sub(r"\D", "", value)) < 15


def _is_day(value: str) -> bool:
    try:
        return cells.day(value) is not None
    except NoSuchDay:
        return True
    except BadValue:
        return False
