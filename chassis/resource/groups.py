"""What records are grouped by: the value of a field, or the day, week, month, quarter or year it falls into."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeAlias
from uuid import UUID
from zoneinfo import ZoneInfo

from google.protobuf.descriptor import FieldDescriptor
from sqlalchemy import ColumnElement, Date, DateTime, Interval, Text, bindparam, cast, func, literal_column
from sqlalchemy.sql.base import ReadOnlyColumnCollection

from chassis.custom.columns import split
from chassis.errors import InvalidArgument
from chassis.resource.filter_tokens import quoted
from chassis.resource.noun import Field, Noun
from chassis.resource.relative_time import bucket_end, midnight

Columns: TypeAlias = "ReadOnlyColumnCollection[str, Any]"
MAX_GROUPS = 3
CURRENCY = "currency_code"
UNITS: dict[str, ColumnElement[str]] = {
    "day": literal_column("'day'"),
    "week": literal_column("'week'"),
    "month": literal_column("'month'"),
    "quarter": literal_column("'quarter'"),
    "year": literal_column("'year'"),
}
# Those that a value can be named of exactly: a fraction cannot, and a moment is grouped by its day or more.
_PLAIN = {
    FieldDescriptor.TYPE_STRING,
    FieldDescriptor.TYPE_BOOL,
    FieldDescriptor.TYPE_ENUM,
    FieldDescriptor.TYPE_INT32,
    FieldDescriptor.TYPE_INT64,
}


@dataclass(frozen=True, slots=True)
class Group:
    name: str  # as a request would say it in proto names; the whole of its shape
    field: Field
    unit: str = ""

    @property
    def is_currency(self) -> bool:
        """Of money; what is measured of the same field is then in that currency."""
        return self.unit == CURRENCY

    @property
    def _is_moment(self) -> bool:
        return isinstance(self.field.kind.types[""], DateTime)

    def key(self, c: Columns) -> ColumnElement[Any]:
        """Its value, or the first day of where it falls, in the zone of the bind `aggregate_zone`; weeks begin
        `aggregate_week` later than on Monday."""
        column: ColumnElement[Any] = c[self.field.columns[1 if self.is_currency else 0]]
        if not self.unit or self.is_currency:
            return column
        local = func.timezone(bindparam("aggregate_zone", type_=Text), column) if self._is_moment else column
        if self.unit == "week":  # PostgreSQL's begin on Monday
            later = bindparam("aggregate_week", type_=Interval)
            return cast(func.date_trunc(UNITS[self.unit], cast(local, DateTime()) - later) + later, Date)
        return cast(func.date_trunc(UNITS[self.unit], cast(local, DateTime())), Date)

    def text(self, value: Any) -> str:
        """As a filter writes it; empty where the field is."""
        if value is None:
            return ""
        if isinstance(value, bool):
            return str(value).lower()
        return value.isoformat() if isinstance(value, date) else str(value)

    def term(self, value: Any, zone: ZoneInfo) -> str:
        """A part of a filter that holds for exactly the records of this key."""
        name = self.field.name
        if value is None or value == "":
            return f"NOT {name}:*"
        if self.is_currency:
            return f"{name}.{CURRENCY} = {quoted(value)}"
        if self.unit:
            return self._within(value, zone)
        return f"{name} = {quoted(self.text(value)) if isinstance(value, str | UUID) else self.text(value)}"

    def _within(self, start: date, zone: ZoneInfo) -> str:
        def bound(day: date) -> str:
            return midnight(day, zone).isoformat() if self._is_moment else day.isoformat()

        name = self.field.name
        try:
            return f"{name} >= {bound(start)} AND {name} < {bound(bucket_end(start, self.unit))}"
        except ValueError:  # the calendar's last one has no end
            return f"{name} >= {bound(start)}"


def parse_groups(said: Sequence[str], noun: Noun, fields: Mapping[str, Field]) -> list[Group]:
    """Raises InvalidArgument; a field the caller may not see is an unknown one."""
    if len(said) > MAX_GROUPS:
        raise InvalidArgument.of("group_by", f"has more than {MAX_GROUPS} fields")
    return [_group(one, noun, fields) for one in said]


def _group(said: str, noun: Noun, fields: Mapping[str, Field]) -> Group:
    name, unit = split(noun.path_of(said.strip()))
    field = fields.get(name)
    if field is not None and not field.descriptor.is_repeated and field.kind.parse:
        message = field.descriptor.message_type
        kind = message.full_name if message else ""
        if kind == "kith.v1.Money" and unit in (CURRENCY, "currencyCode"):
            return Group(f"{name}.{CURRENCY}", field, CURRENCY)
        if kind in ("google.type.Date", "google.protobuf.Timestamp"):
            if unit in UNITS:
                return Group(f"{name}.{unit}", field, unit)
            if kind == "google.type.Date" and not unit:
                return Group(name, field)
            raise InvalidArgument.of(
                "group_by", f"{said!r} needs one of {', '.join(f'{name}.{unit}' for unit in UNITS)}"
            )
        if not kind and not unit and field.descriptor.type in _PLAIN:
            return Group(name, field)
    raise InvalidArgument.of("group_by", f"nothing can be grouped by {said!r}")
