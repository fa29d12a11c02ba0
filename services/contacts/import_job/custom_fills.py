"""How a cell fills a custom field, by what its definition says."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from google.protobuf.json_format import ParseDict

from chassis.custom.schema import Defined
from chassis.resource.kinds import decimal_text
from contacts.import_job import cells
from contacts.import_job.cells import BadValue
from contacts.import_job.fills import Fill, Settings
from kith.contacts.v1.import_job_pb2 import ImportJob
from kith.v1 import custom_pb2 as types
from kith.v1.custom_pb2 import CustomField

_FLAGS = {
    **dict.fromkeys(("true", "yes", "y", "1", "x", "是", "真", "有", "√"), True),
    **dict.fromkeys(("false", "no", "n", "0", "否", "假"), False),
}
_BETWEEN = re.compile(r"\s*[,;|/、，；\n]\s*")
# As the proposal of a mapping tells them; text for all others, since the definition says the rest.
KINDS: Mapping[int, ImportJob.Kind.ValueType] = {
    types.FIELD_TYPE_NUMBER: ImportJob.NUMBER,
    types.FIELD_TYPE_DATE: ImportJob.DATE,
}
Read = Callable[[CustomField, str, Settings], Any]  # None where the cell says nothing; raises InvalidArgument


def defined(field: CustomField) -> Fill:
    """A formula takes nothing: it is worked out."""
    read = _READ.get(field.type, _text)

    def fill(record: Any, cell: str, settings: Settings) -> bool:
        value = read(field, cell, settings)
        if value in (None, "", []):
            return False
        ParseDict(value, record.custom_fields.fields[field.code])
        return True

    return fill


def called(known: Defined | None, squeezed: Callable[[str], str], column: str) -> CustomField | None:
    """The one that a column is named after, by its code or its name in either language."""
    name = squeezed(column)
    for one in known.fields.values() if known else ():
        open_ = one.type != types.FIELD_TYPE_FORMULA and not one.deprecated
        if open_ and name in {squeezed(said) for said in (one.code, one.label_zh, one.label_en) if said}:
            return one
    return None


def _text(field: CustomField, cell: str, settings: Settings) -> str:
    return cells.text(cell)


def _number(field: CustomField, cell: str, settings: Settings) -> float | None:
    number = cells.number(cell)
    return None if number is None else float(number)


def _money(field: CustomField, cell: str, settings: Settings) -> dict[str, str] | None:
    amount, currency = cells.amount(cell)
    if amount is None:
        return None
    return {"currency_code": currency or settings.currency, "amount": decimal_text(amount)}


def _date(field: CustomField, cell: str, settings: Settings) -> str | None:
    day = cells.day(cell)
    return day.isoformat() if day else None


def _moment(field: CustomField, cell: str, settings: Settings) -> str | None:
    moment = cells.moment(cell, settings.zone)
    return moment.isoformat() if moment else None


def _flag(field: CustomField, cell: str, settings: Settings) -> bool | None:
    said = cells.plain(cell).casefold()
    if said and said not in _FLAGS:
        raise BadValue(f"{said} is neither yes nor no")
    return _FLAGS[said] if said else None


def _option(field: CustomField, said: str) -> str:
    """By its code or its name; one that is neither is refused when the record is written."""
    for one in field.options:
        if said.casefold() in {name.casefold() for name in (one.code, one.label_zh, one.label_en) if name}:
            return one.code
    return said


def _pick(field: CustomField, cell: str, settings: Settings) -> str | None:
    said = cells.plain(cell)
    return _option(field, said) if said else None


def _picks(field: CustomField, cell: str, settings: Settings) -> list[str]:
    return [_option(field, said) for said in _BETWEEN.split(cells.plain(cell)) if said]


def _nothing(field: CustomField, cell: str, settings: Settings) -> None:
    return None


_READ: Mapping[int, Read] = {
    types.FIELD_TYPE_NUMBER: _number,
    types.FIELD_TYPE_MONEY: _money,
    types.FIELD_TYPE_DATE: _date,
    types.FIELD_TYPE_DATE_TIME: _moment,
    types.FIELD_TYPE_BOOLEAN: _flag,
    types.FIELD_TYPE_PICK: _pick,
    types.FIELD_TYPE_MULTI_PICK: _picks,
    types.FIELD_TYPE_FORMULA: _nothing,
}
