"""What is measured over records: how many, and the sum, average, least and greatest of a field."""

import re
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, TypeAlias

from google.protobuf.descriptor import FieldDescriptor
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Date,
    DateTime,
    Double,
    Integer,
    Numeric,
    Text,
    and_,
    case,
    func,
    literal_column,
)
from sqlalchemy.sql.base import ReadOnlyColumnCollection

from chassis.errors import InvalidArgument
from chassis.resource.filter_sql import expression
from chassis.resource.filter_terms import filterable
from chassis.resource.kinds import money
from chassis.resource.noun import Field, Noun
from kith.v1.aggregate_pb2 import AggregateValue
from kith.v1.money_pb2 import Money

Columns: TypeAlias = "ReadOnlyColumnCollection[str, Any]"
MAX_MEASURES = 10
_SAID = re.compile(r"(count|sum|avg|min|max)(?:\(\s*([A-Za-z_]+(?:\.[a-z][a-z0-9_]*)?)\s*\))?")
_ADDED = (Integer, BigInteger, Double, Numeric)
_ORDERED = (*_ADDED, Date, DateTime, Text)
_BILLIONTH = Decimal(1).scaleb(-9)


@dataclass(frozen=True, slots=True)
class Measure:
    name: str  # as a request would say it in proto names; the whole of its shape
    function: str
    field: Field | None = None
    by_currency: bool = False  # its rows are of one currency each, so it is measured in that

    @property
    def of_money(self) -> bool:
        return self.field is not None and self.function != "count" and bool(self.field.kind.compared)

    @property
    def in_base(self) -> bool:
        """Whether it is measured in the base currency, which an amount may not be known in."""
        return self.of_money and not self.by_currency

    def column(self, c: Columns) -> ColumnElement[Any]:
        """What of each record is measured; NULL where there is nothing to."""
        if self.field is None:
            return literal_column("1")
        column: ColumnElement[Any] = c[self.field.columns[0]]
        if self.function == "count":
            return case((expression(("set", self.field.columns[0]), c), literal_column("1")))
        return c[self.field.sort_column] if self.in_base else column

    def left_out(self, c: Columns) -> ColumnElement[Any]:
        """1 for a record with an amount that is not known in the base currency."""
        assert self.field is not None
        amount, base = c[self.field.columns[0]], c[self.field.sort_column]
        return case((and_(amount.is_not(None), base.is_(None)), literal_column("1")))

    def over(self, column: ColumnElement[Any]) -> ColumnElement[Any]:
        """The measure over all of them."""
        if isinstance(column.type, Text):
            column = column.collate("C")
        summed: ColumnElement[Any] = getattr(func, self.function)(column)
        return summed

    def told(self, value: Any, currency: str | None, left_out: int = 0) -> AggregateValue:
        """As the contract has it; what is too large for a whole number or for money is a plain number."""
        if left_out:
            told = self.told(value, currency)
            told.left_out_count = left_out
            return told
        if value is None:
            return AggregateValue(integer=0) if self.function == "count" else AggregateValue()
        if currency and isinstance(value, Decimal) and abs(value) < 2**63:
            return AggregateValue(money=Money(**money(value.quantize(_BILLIONTH), currency)))
        match value:
            case datetime():
                return AggregateValue(text=value.astimezone(UTC).isoformat().replace("+00:00", "Z"))
            case date():
                return AggregateValue(text=value.isoformat())
            case str():
                return AggregateValue(text=value)
            case int() if abs(value) < 2**63:
                return AggregateValue(integer=value)
            case Decimal() if self.function == "sum" and abs(value) < 2**63:  # over whole numbers of 64 bits
                return AggregateValue(integer=int(value))
        return AggregateValue(number=float(value))


def parse_measures(
    said: Sequence[str], noun: Noun, fields: Mapping[str, Field], by_currency: Container[str] = ()
) -> list[Measure]:
    """`count`, `count(field)`, `sum(field)`, `avg(field)`, `min(field)`, `max(field)`. Raises InvalidArgument.

    `by_currency` are the fields by whose currency the rows are grouped.
    """
    if len(said) > MAX_MEASURES:
        raise InvalidArgument.of("measures", f"has more than {MAX_MEASURES}")
    return [_measure(one, noun, fields, by_currency) for one in said]


def _measure(said: str, noun: Noun, fields: Mapping[str, Field], by_currency: Container[str]) -> Measure:
    found = _SAID.fullmatch(said.strip())
    if not found or (found[1] != "count" and not found[2]):
        raise InvalidArgument.of("measures", f"{said!r} is none of count, count(x), sum(x), avg(x), min(x), max(x)")
    function, name = found[1], noun.path_of(found[2] or "")
    if not name:
        return Measure(function, function)
    field = fields.get(name)
    if field is None or not _measurable(field, function):
        raise InvalidArgument.of("measures", f"there is no {said!r}")
    return Measure(f"{function}({name})", function, field, name in by_currency)


def _measurable(field: Field, function: str) -> bool:
    if function == "count":
        return filterable(field) and len(field.columns) > 0
    if not field.kind.parse or field.descriptor.enum_type or field.descriptor.type == FieldDescriptor.TYPE_BOOL:
        return False
    return isinstance(field.kind.types[""], _ADDED if function in ("sum", "avg") else _ORDERED)
