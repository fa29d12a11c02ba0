"""How a cell fills a field, by what the contract says of the field."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any

from google.protobuf.descriptor import EnumDescriptor, FieldDescriptor
from google.protobuf.timestamp_pb2 import Timestamp
from google.type.date_pb2 import Date

from chassis.resource.kinds import timestamp
from chassis.values.name import full_name, split_name
from chassis.values.text import HAN
from contacts.account.rules import tidy_registration
from contacts.import_job import cells
from contacts.import_job.address import parse_address
from contacts.import_job.cells import BadValue
from kith.contacts.v1.import_job_pb2 import ImportJob
from kith.v1 import options_pb2
from kith.v1.money_pb2 import Money

_HAN = re.compile(f"[{HAN}]")
LONGEST_SPLIT = 100  # characters of a name whose parts are told apart


@dataclass(frozen=True)
class Settings:
    """What cells do not say themselves."""

    currency: str
    system: str
    zone: tzinfo


# Puts what a cell says into a new message; False where it says nothing. Raises InvalidArgument.
Fill = Callable[[Any, str, Settings], bool]


def fill_of(descriptor: FieldDescriptor) -> Fill | None:
    name, kind = descriptor.name, descriptor.message_type.full_name if descriptor.message_type else ""
    if name in _NAMED:
        return _NAMED[name]
    if kind in _OF_MESSAGE:
        return _OF_MESSAGE[kind](name)
    if descriptor.enum_type:
        return _choice(name, descriptor.enum_type)
    if descriptor.is_repeated:
        return None
    return {FieldDescriptor.TYPE_STRING: _text(name), FieldDescriptor.TYPE_INT32: _whole(name)}.get(descriptor.type)


def _text(name: str) -> Fill:
    def fill(record: Any, cell: str, settings: Settings) -> bool:
        said = cells.text(cell)
        setattr(record, name, said)
        return bool(said)

    return fill


def _whole(name: str) -> Fill:
    def fill(record: Any, cell: str, settings: Settings) -> bool:
        number = cells.number(cell)
        if number is None:
            return False
        if number != number.to_integral_value() or abs(number) >= 2**31:
            raise BadValue(f"{cell.strip()} is no whole number")
        setattr(record, name, int(number))
        return True

    return fill


def _choice(name: str, enum: EnumDescriptor) -> Fill:
    """By the name of a value or by its label, in either language."""
    known: dict[str, int] = {}
    for value in list(enum.values)[1:]:
        label = value.GetOptions().Extensions[options_pb2.value_label]
        known |= {said.casefold(): value.number for said in (value.name, label.zh, label.en) if said}

    def fill(record: Any, cell: str, settings: Settings) -> bool:
        said = cells.plain(cell)
        if said and said.casefold() not in known:
            raise BadValue(f"{said} is none of {', '.join(known)}")
        if said:
            setattr(record, name, known[said.casefold()])
        return bool(said)

    return fill


def _money(name: str) -> Fill:
    def fill(record: Any, cell: str, settings: Settings) -> bool:
        amount, currency = cells.amount(cell)
        if amount is None:
            return False
        units = int(amount)
        nanos = int((amount - units) * 10**9)
        getattr(record, name).CopyFrom(Money(currency_code=currency or settings.currency, units=units, nanos=nanos))
        return True

    return fill


def _date(name: str) -> Fill:
    def fill(record: Any, cell: str, settings: Settings) -> bool:
        day = cells.day(cell)
        if day:
            getattr(record, name).CopyFrom(Date(year=day.year, month=day.month, day=day.day))
        return day is not None

    return fill


def _moment(name: str) -> Fill:
    def fill(record: Any, cell: str, settings: Settings) -> bool:
        found = cells.moment(cell, settings.zone)
        if found:
            getattr(record, name).CopyFrom(Timestamp(**timestamp(found)))
        return found is not None

    return fill


def _address(name: str) -> Fill:
    def fill(record: Any, cell: str, settings: Settings) -> bool:
        said = cells.plain(cell)
        if said:
            getattr(record, name).CopyFrom(parse_address(said))
        return bool(said)

    return fill


def _emails(record: Any, cell: str, settings: Settings) -> bool:
    known = {one.address for one in record.emails}
    found = cells.emails(cell)
    for one in found:
        if one not in known:
            record.emails.add(address=one)
    return bool(found)


def _phones(record: Any, cell: str, settings: Settings) -> bool:
    known = {(one.number, one.extension) for one in record.phones}
    found = cells.phones(cell)
    for one in found:
        if (one.number, one.extension) not in known:
            record.phones.add(number=one.number, extension=one.extension)
    return bool(found)


def _external(record: Any, cell: str, settings: Settings) -> bool:
    said = cells.text(cell)
    if said:
        record.external_ids.add(system=settings.system, id=said)
    return bool(said)


def registration(record: Any, cell: str, settings: Settings) -> bool:
    """In the form it is kept; whether it is proven is asked of the whole record."""
    record.registration_number = tidy_registration(cells.plain(cell))
    return bool(record.registration_number)


def whole_name(record: Any, cell: str, settings: Settings) -> bool:
    """A name in one cell: its parts are told apart, unless columns of their own say them."""
    said = " ".join(cells.text(cell).split())
    if not said:
        return False
    parts = split_name(said)
    as_written = parts.title or parts.other or not _HAN.search(said)
    record.display_name = said if as_written else full_name(parts.family_name, parts.given_name)
    if not (record.family_name or record.given_name) and len(said) <= LONGEST_SPLIT:
        record.family_name, record.given_name = parts.family_name, parts.given_name
    return True


def custom(code: str, kind: ImportJob.Kind.ValueType) -> Fill:
    def fill(record: Any, cell: str, settings: Settings) -> bool:
        value: object = cells.text(cell)
        if kind == ImportJob.NUMBER:
            number = cells.number(cell)
            value = None if number is None else float(number)
        elif kind == ImportJob.DATE:
            day = cells.day(cell)
            value = day.isoformat() if day else None
        if value in (None, ""):
            return False
        record.custom_fields.update({code: value})
        return True

    return fill


_NAMED: dict[str, Fill] = {"emails": _emails, "phones": _phones, "external_ids": _external}
_OF_MESSAGE: dict[str, Callable[[str], Fill]] = {
    "kith.v1.Money": _money,
    "google.type.Date": _date,
    "google.protobuf.Timestamp": _moment,
    "kith.v1.PostalAddress": _address,
}
