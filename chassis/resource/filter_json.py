"""Comparisons of what is stored as JSON: the tenant's own fields, labels, and messages within a noun."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import orjson
from google.protobuf.descriptor import FieldDescriptor

from chassis.resource import grams
from chassis.resource.filter_shape import ORDERED, Bind, Said, Shape, empty_asked, like, within
from chassis.resource.filter_tokens import Token, unquoted, wrong
from chassis.resource.noun import Field, searched_within
from chassis.resource.relative_time import spoken_day

_NUMBER = re.compile(r"-?\d{1,30}(\.\d{1,30})?([eE][+-]?\d{1,2})?")
_TEXTS = {FieldDescriptor.TYPE_STRING, FieldDescriptor.TYPE_ENUM}
_NUMBERS = {FieldDescriptor.TYPE_INT32, FieldDescriptor.TYPE_INT64, FieldDescriptor.TYPE_DOUBLE}


def custom(field: Field, below: str, op: str, literal: Token, bind: Bind) -> Shape:
    """The tenant's own fields have the type of the literal: "gold", 3, true; a bare relative word is a day."""
    key, value = _key(below), literal.value
    if empty_asked(op, literal):
        return ("entry", field.columns[0], "set", "text", bind(key), "", "")
    if op == ":" or literal.kind == "text":
        return _entry(field, "entry", key, op, "text", value, bind)
    if value in ("true", "false"):
        return _entry(field, "entry", key, op, "bool", value == "true", bind)
    if _NUMBER.fullmatch(value):
        return _entry(field, "entry", key, op, "number", _number(value), bind)
    spoken = spoken_day(value)
    if spoken is None:
        return _entry(field, "entry", key, op, "text", value, bind)

    def day(said: Said) -> str:
        return bind(lambda asker: said(asker).isoformat())

    return within(op, spoken, day, lambda op, name: ("entry", field.columns[0], op, "text", bind(key), name, ""))


def label(field: Field, below: str, op: str, literal: Token, bind: Bind) -> Shape:
    """Of a map, whose values are text."""
    if empty_asked(op, literal):
        return ("entry", field.columns[0], "set", "text", bind(_key(below)), "", "")
    return _entry(field, "entry", _key(below), op, "text", literal.value, bind)


def member(field: Field, below: str, op: str, literal: Token, bind: Bind) -> Shape:
    """Of a message that is stored as JSON, or of some one in a list of them."""
    known = members(field)
    one = known.get(below)
    if one is None:
        may = ", ".join(sorted({each.name for each in known.values()})) or "nothing"
        raise wrong(f"cannot be by {f'{field.name}.{below}'!r}; of {field.name} it may be by {may}")
    where = "some" if field.descriptor.is_repeated else "entry"
    if empty_asked(op, literal):
        return (where, field.columns[0], "set", "text", bind(one.name), "", "")
    if op == ":" and one.type != FieldDescriptor.TYPE_STRING:
        raise wrong(f"cannot use ':' on {field.name}.{one.name}, which is no text")
    if one.type == FieldDescriptor.TYPE_BOOL:
        flag = {"true": True, "false": False}[literal.value.lower()]
        return _entry(field, where, one.name, op, "bool", flag, bind, none="false")
    if one.type in _NUMBERS:
        return _entry(field, where, one.name, op, "number", _number(literal.value), bind, none="0")
    if one.enum_type and literal.value not in one.enum_type.values_by_name:
        raise ValueError(f"not one of {', '.join(one.enum_type.values_by_name)}")
    found = _entry(field, where, one.name, op, "text", literal.value, bind)
    hint = grams.contained(literal.value) if op == ":" and searched_within(one) else None
    return ("and", ("search", (bind(grams.prefixed(field.name, hint)),)), found) if hint else found


def _entry(field: Field, where: str, key: str, op: str, kind: str, value: Any, bind: Bind, none: str = "") -> Shape:
    column = field.columns[0]
    if kind == "bool" and op in ORDERED:
        raise wrong(f"cannot use {op} on {field.name}.{key}, which has no order")
    if op == ":":
        return (where, column, op, kind, bind(key), bind(like(value)), bind(value))
    if op == "=" and kind == "text":  # as a document, which an index can look for
        document = orjson.dumps({key: value} if where == "entry" else [{key: value}]).decode()
        return (where, column, op, "document", "", bind(document), "")
    return (where, column, op, kind, bind(key), bind(value), none)


def members(field: Field) -> Mapping[str, FieldDescriptor]:
    """By proto and by JSON name, what a message stored as JSON may be asked about."""
    message = field.descriptor.message_type
    if not message or field.kind.parse or is_map(field) or message.full_name.startswith("google.protobuf."):
        return {}
    kinds = _TEXTS | _NUMBERS | {FieldDescriptor.TYPE_BOOL}
    plain = [part for part in message.fields if part.type in kinds and not part.is_repeated]
    return {name: part for part in plain for name in (part.name, part.json_name)}


def is_map(field: Field) -> bool:
    message = field.descriptor.message_type
    return message is not None and message.GetOptions().map_entry


def is_struct(field: Field) -> bool:
    message = field.descriptor.message_type
    return message is not None and message.full_name == "google.protobuf.Struct"


def _key(below: str) -> str:
    return unquoted(below) if below.startswith('"') else below


def _number(text: str) -> Decimal:
    if not _NUMBER.fullmatch(text):
        raise ValueError("not a number")
    return Decimal(text)
