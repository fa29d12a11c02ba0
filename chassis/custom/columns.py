"""A custom field as a field of its noun: a filter, an order, a group and a sum treat it as they treat any other.

It has no column. Its columns are expressions over the one document that holds all of a record's custom fields, named
`custom_fields.<code>:<shape>`: the name alone says what it is, so that a statement's shape is the same for all tenants
that ask alike, and a caller without custom fields has statements without a trace of them. What a value is not of its
type, as one from before the field was defined, is empty; nothing is cast that cannot be.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from typing import cast as typed
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Boolean,
    Column,
    ColumnElement,
    Date,
    DateTime,
    Double,
    Integer,
    Numeric,
    Text,
    Time,
    Uuid,
    case,
    cast,
    func,
    literal,
    literal_column,
    select,
    type_coerce,
)
from sqlalchemy.dialects.postgresql import JSONB, array
from sqlalchemy.sql.base import ReadOnlyColumnCollection

from chassis.custom.schema import OPEN, Defined, Schema, holds
from chassis.resource.kinds import kind_of
from chassis.resource.noun import Field
from kith.v1 import custom_pb2 as types
from kith.v1.custom_pb2 import FieldShapes

_SHAPES: Mapping[int, str] = {
    types.FIELD_TYPE_NUMBER: "number",
    types.FIELD_TYPE_MONEY: "money",
    types.FIELD_TYPE_DATE: "date",
    types.FIELD_TYPE_DATE_TIME: "moment",
    types.FIELD_TYPE_BOOLEAN: "flag",
    types.FIELD_TYPE_MULTI_PICK: "list",
    types.FIELD_TYPE_REFERENCE: "id",
}
_UNSORTED = (types.FIELD_TYPE_MULTI_PICK, types.FIELD_TYPE_LONG_TEXT)


@dataclass(frozen=True)
class Custom(Field):
    """As a Field of the noun, but for its name and columns."""

    code: str = ""

    @property
    def name(self) -> str:
        return f"{OPEN}.{self.code}"

    @property
    def columns(self) -> list[str]:
        return [f"{self.name}:{self.descriptor.name}{suffix}" for suffix in self.kind.types]

    @property
    def sort_column(self) -> str:
        return f"{self.name}:{self.descriptor.name}{self.kind.compared}"

    @property
    def nullable(self) -> bool:
        return True


_READ: dict[tuple[bytes, str], dict[str, Custom]] = {}


def fields_of(schema: Schema, noun: str) -> Mapping[str, Custom]:
    """By name, `custom_fields.tier`; none for a noun that the tenant added nothing to."""
    defined = schema.of(noun)
    if defined is None:
        return {}
    key = schema.key, noun
    found = _READ.get(key)
    if found is None:
        if len(_READ) > 1000:
            _READ.clear()
        found = _READ[key] = {one.name: one for one in _fields(defined)}
    return found


def _fields(defined: Defined) -> Iterator[Custom]:
    for code, one in defined.fields.items():
        descriptor = FieldShapes.DESCRIPTOR.fields_by_name[_SHAPES.get(holds(one), "text")]
        sortable = one.type not in _UNSORTED
        yield Custom(descriptor, kind_of(descriptor), frozenset(), one.reference, sortable, searchable=False, code=code)


def split(path: str) -> tuple[str, str]:
    """`custom_fields.due.month` -> (`custom_fields.due`, `month`); any other path at its first dot."""
    name, _, rest = path.partition(".")
    if name == OPEN and rest:
        code, _, rest = rest.partition(".")
        name = f"{name}.{code}"
    return name, rest


class Columns:
    """Those of a table or a view, and those of custom fields over its document."""

    def __init__(self, own: "ReadOnlyColumnCollection[str, Any]") -> None:
        self._own = own

    def __getitem__(self, name: str) -> Any:
        if ":" not in name:
            return self._own[name]
        path, _, shape = name.partition(":")
        return _SQL[shape](self._own[OPEN].op("->", return_type=JSONB())(literal(path.partition(".")[2], Text)))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._own, name)

    def __contains__(self, name: str) -> bool:
        return name in self._own


def columns(own: "ReadOnlyColumnCollection[str, Any]") -> "ReadOnlyColumnCollection[str, Any]":
    return typed("ReadOnlyColumnCollection[str, Any]", Columns(own)) if OPEN in own else own


def without(here: "list[Column[Any]]", hidden: frozenset[str]) -> "list[ColumnElement[Any]]":
    """The same columns, the document without the custom fields that are hidden."""
    codes = sorted(name.partition(".")[2] for name in hidden if name.startswith(f"{OPEN}."))
    if not codes:
        return [*here]
    gone = cast(array([literal(code, Text) for code in codes]), ARRAY(Text))
    return [one.op("-", return_type=JSONB())(gone).label(OPEN) if one.name == OPEN else one for one in here]


# As PostgreSQL and Python both read them; a day beyond its month counts on into the next, so that neither stumbles.
_DATE = "(?!0000)[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
_DAY = f"^{_DATE}$"
_MOMENT = f"^{_DATE}T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\\.[0-9]{{1,6}})?Z$"
_AMOUNT = r"^-?[0-9]{1,18}(\.[0-9]{1,9})?$"
_ID = "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"
_JSON: Mapping[str, ColumnElement[str]] = {
    name: literal_column(f"'{name}'") for name in ("string", "number", "boolean", "array")
}
_UTC: ColumnElement[str] = literal_column("'UTC'")
_FIRST: ColumnElement[str] = literal_column("'01'")
_ROOT: ColumnElement[Any] = literal_column("'{}'::text[]")
_MEMBER: Mapping[str, ColumnElement[str]] = {
    name: literal_column(f"'{name}'") for name in ("amount", "currency_code", "base_amount")
}
Expression = ColumnElement[Any]


def _of(value: Expression, kind: str) -> Expression:
    return func.jsonb_typeof(value) == _JSON[kind]


def _string(value: Expression) -> Expression:
    return value.op("#>>", return_type=Text())(_ROOT)


def _member(value: Expression, name: str) -> Expression:
    return value.op("->>", return_type=Text())(_MEMBER[name])


def _matching(text: Expression, pattern: str, found: Expression) -> Expression:
    return case((text.op("~", return_type=Boolean())(literal(pattern, Text)), found))


def _day(text: Expression) -> Expression:
    first = cast(func.substr(text, 1, 8).op("||", return_type=Text())(_FIRST), Date)
    return type_coerce(first.op("+")(cast(func.substr(text, 9, 2), Integer) - 1), Date)


def _moment(text: Expression) -> Expression:
    clock = cast(func.rtrim(func.substr(text, 12), literal_column("'Z'")), Time)
    return type_coerce(func.timezone(_UTC, _day(text).op("+")(clock)), DateTime(timezone=True))


def _items(value: Expression) -> Expression:
    one = func.jsonb_array_elements(value, type_=JSONB).alias("item")
    texts = select(_string(one.column)).where(_of(one.column, "string")).scalar_subquery()
    return type_coerce(func.array(texts), ARRAY(Text))


def _amount(value: Expression, name: str) -> Expression:
    """Of one that is an amount as a whole: base and currency stand by themselves nowhere."""
    text = _member(value, "amount")
    if name == "currency_code":
        return _matching(text, _AMOUNT, _member(value, name))
    there = _member(value, name)
    return _matching(text, _AMOUNT, _matching(there, _AMOUNT, cast(there, Numeric(28, 9))))


_SQL: Mapping[str, Callable[[Expression], Expression]] = {
    "text": lambda value: case((_of(value, "string"), _string(value))),
    "number": lambda value: case((_of(value, "number"), cast(_string(value), Double))),
    "flag": lambda value: case((_of(value, "boolean"), cast(_string(value), Boolean))),
    "date": lambda value: _matching(_string(value), _DAY, _day(_string(value))),
    "moment": lambda value: _matching(_string(value), _MOMENT, _moment(_string(value))),
    "list": lambda value: case((_of(value, "array"), _items(value))),
    "id": lambda value: _matching(_string(value), _ID, cast(_string(value), Uuid)),
    "money": lambda value: _amount(value, "amount"),
    "money_currency": lambda value: _amount(value, "currency_code"),
    "money_base": lambda value: _amount(value, "base_amount"),
}


def value_in(document: Mapping[str, Any], column: str) -> Any:
    """What PostgreSQL finds in the same document."""
    path, _, shape = column.partition(":")
    return _PYTHON[shape](document.get(path.partition(".")[2]))


def _read_day(text: str) -> date:
    return date.fromisoformat(f"{text[:8]}01") + timedelta(days=int(text[8:10]) - 1)


def _read_moment(text: str) -> datetime:
    clock = time.fromisoformat(text[11:-1])
    return datetime.combine(_read_day(text), clock, UTC)


def _read(pattern: str, read: Callable[[str], Any]) -> Callable[[Any], Any]:
    shape = re.compile(pattern)
    return lambda value: read(value) if isinstance(value, str) and shape.fullmatch(value) else None


def _read_amount(name: str) -> Callable[[Any], Any]:
    number = _read(_AMOUNT, Decimal)

    def read(value: Any) -> Any:
        if not isinstance(value, dict) or number(value.get("amount")) is None:
            return None
        there = value.get(name)
        return there if name == "currency_code" else number(there)

    return read


_PYTHON: Mapping[str, Callable[[Any], Any]] = {
    "text": lambda value: value if isinstance(value, str) else None,
    "number": lambda value: value if isinstance(value, int | float) and not isinstance(value, bool) else None,
    "flag": lambda value: value if isinstance(value, bool) else None,
    "date": _read(_DAY, _read_day),
    "moment": _read(_MOMENT, _read_moment),
    "list": lambda value: [one for one in value if isinstance(one, str)] if isinstance(value, list) else None,
    "id": _read(_ID, UUID),
    "money": _read_amount("amount"),
    "money_currency": _read_amount("currency_code"),
    "money_base": _read_amount("base_amount"),
}
