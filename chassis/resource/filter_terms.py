"""What one comparison of a filter means, by the kind of field it is about."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson
from google.protobuf.descriptor import FieldDescriptor
from sqlalchemy import ARRAY, Text, Uuid

from chassis.errors import InvalidArgument
from chassis.ids import parse_id
from chassis.resource import grams
from chassis.resource.filter_tokens import Token, unquoted, wrong
from chassis.resource.noun import Field, searched_within
from chassis.resource.relative_time import Span, Spoken, spoken_day, spoken_moment

# A part of a filter, free of values. Names in it are columns and binds:
# ("and", part, …) ("or", part, …) ("not", part)
# ("is", column, op, bind)                     op: = < <= > >=
# ("set", column)                              not empty
# ("contains", column, bind, grams or "")      text within text
# ("has", column, bind)                        a value in a list
# ("entry", column, op, type, key, bind, none) a member of a JSON object: type text, number, bool, or document, which
#                                              holds the key, too; op also : and set; none: what an absent one means
# ("some", column, op, type, key, bind, none)  that member of some object in a JSON list
# ("key", column, bind)                        a key in a map
# ("search", (grams, …))                       words in any of the searched fields
# ("hop", column, noun, part)                  of the record a reference points at
Shape = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks, when and where: what `me`, `now` and `today` mean."""

    now: datetime
    zone: tzinfo
    user_id: UUID


Said = Callable[[Asker], Any]  # a value that depends on who asks
Bind = Callable[[Any], str]  # keeps a value, or a `Said`, and names it

USERS = "identity.user"
_MONEY = re.compile(r"([A-Z]{3})\s+(\S+)")
_NUMBER = re.compile(r"-?\d{1,30}(\.\d{1,30})?([eE][+-]?\d{1,2})?")
_ORDERED = frozenset(["<", "<=", ">", ">="])
_TEXTS = {FieldDescriptor.TYPE_STRING, FieldDescriptor.TYPE_ENUM}
_NUMBERS = {FieldDescriptor.TYPE_INT32, FieldDescriptor.TYPE_INT64, FieldDescriptor.TYPE_DOUBLE}


def comparison(field: Field, below: str, op: str, literal: Token, bind: Bind) -> Shape:
    """`below` is what follows the field's name and its dot. Raises InvalidArgument saying what is wrong."""
    try:
        part = _compared(field, below, "=" if op == "!=" else op, literal, bind)
    except (ValueError, KeyError, InvalidArgument) as error:
        if isinstance(error, InvalidArgument) and "filter" in error.fields:
            raise
        raise wrong(f"has a bad value for {field.name}: {literal.raw} ({error})") from None
    return ("not", part) if op == "!=" else part


def filterable(field: Field) -> bool:
    """Whether a filter may be by it, or by a part of it."""
    return bool(field.kind.parse) or _is_list(field) or _is_map(field) or _is_struct(field) or bool(_parts(field))


def _compared(field: Field, below: str, op: str, literal: Token, bind: Bind) -> Shape:
    message = field.descriptor.message_type
    whole = message.full_name if message and not field.descriptor.is_repeated else ""
    if whole == "kith.v1.Money":
        return _money(field, below, op, literal, bind)
    if below:
        if _is_struct(field):
            return _custom(field, below, op, literal, bind)
        if _is_map(field):
            return _label(field, below, op, literal, bind)
        return _part(field, below, op, literal, bind)
    if _empty_asked(op, literal):
        return ("set", field.columns[0])
    if _is_map(field) and op == ":":
        return ("key", field.columns[0], bind(literal.value))
    if _is_list(field):
        return _list(field, op, literal, bind)
    if field.kind.parse is None:
        raise wrong(f"is by what {field.name} holds: name a part of it, as in {field.name}.{_example(field)}")
    if op == ":":
        return _text(field, literal, bind)
    spoken = _spoken(field, literal.value)
    if spoken:
        return _period(field.columns[0], op, spoken, bind)
    if op in _ORDERED and (field.descriptor.enum_type or field.descriptor.type == FieldDescriptor.TYPE_BOOL):
        raise wrong(f"cannot use {op} on {field.name}, which has no order")
    if field.reference == USERS and literal.value == "me":
        return ("is", field.columns[0], op, bind(_me))
    return ("is", field.columns[0], op, bind(field.kind.parse(literal.value)))


def _money(field: Field, below: str, op: str, literal: Token, bind: Bind) -> Shape:
    """Amounts compare as numbers in whatever currency each is; `"EUR 1000"` means euros only."""
    amount, currency = field.columns
    if below:
        if below not in ("currency_code", "currencyCode") or op not in ("=", ":") or not literal.value.isalpha():
            raise wrong(f"may be by {field.name} and, with =, by {field.name}.currency_code")
        return ("is", currency, "=", bind(literal.value))
    if _empty_asked(op, literal):
        return ("set", amount)
    if op == ":":
        raise wrong(f"cannot use ':' on {field.name}, which is neither text nor a list")
    assert field.kind.parse
    named = _MONEY.fullmatch(literal.value)
    part = ("is", amount, op, bind(field.kind.parse(named[2] if named else literal.value)))
    return ("and", ("is", currency, "=", bind(named[1])), part) if named else part


def _text(field: Field, literal: Token, bind: Bind) -> Shape:
    if field.descriptor.type != FieldDescriptor.TYPE_STRING or not isinstance(field.kind.types[""], Text):
        raise wrong(f"cannot use ':' on {field.name}, which is neither text nor a list")
    hint = grams.contained(literal.value) if field.searchable else None
    found = bind(grams.prefixed(field.name, hint)) if hint else ""
    return ("contains", field.columns[0], bind(like(literal.value)), found)


def _list(field: Field, op: str, literal: Token, bind: Bind) -> Shape:
    if op != ":":
        raise wrong(f"has {op} on {field.name}, which is a list: {field.name}:{literal.raw} asks whether it is in it")
    types = field.kind.types[""]
    assert isinstance(types, ARRAY)
    if isinstance(types.item_type, Uuid):
        mine = field.reference == USERS and literal.value == "me"
        return ("has", field.columns[0], bind(_me if mine else parse_id(literal.value, field.name)))
    if field.descriptor.enum_type and literal.value not in field.descriptor.enum_type.values_by_name:
        raise ValueError(f"not one of {', '.join(field.descriptor.enum_type.values_by_name)}")
    return ("has", field.columns[0], bind(literal.value))


def _part(field: Field, below: str, op: str, literal: Token, bind: Bind) -> Shape:
    """Of a message that is stored as JSON, or of some one in a list of them."""
    parts = _parts(field)
    part = parts.get(below)
    if part is None:
        may = ", ".join(sorted({one.name for one in parts.values()})) or "nothing"
        raise wrong(f"cannot be by {f'{field.name}.{below}'!r}; of {field.name} it may be by {may}")
    where = "some" if field.descriptor.is_repeated else "entry"
    if _empty_asked(op, literal):
        return (where, field.columns[0], "set", "text", bind(part.name), "", "")
    if op == ":" and part.type != FieldDescriptor.TYPE_STRING:
        raise wrong(f"cannot use ':' on {field.name}.{part.name}, which is no text")
    if part.type == FieldDescriptor.TYPE_BOOL:
        flag = {"true": True, "false": False}[literal.value.lower()]
        return _entry(field, where, part.name, op, "bool", flag, bind, none="false")
    if part.type in _NUMBERS:
        return _entry(field, where, part.name, op, "number", _number(literal.value), bind, none="0")
    if part.enum_type and literal.value not in part.enum_type.values_by_name:
        raise ValueError(f"not one of {', '.join(part.enum_type.values_by_name)}")
    found = _entry(field, where, part.name, op, "text", literal.value, bind)
    hint = grams.contained(literal.value) if op == ":" and searched_within(part) else None
    return ("and", ("search", (bind(grams.prefixed(field.name, hint)),)), found) if hint else found


def _label(field: Field, below: str, op: str, literal: Token, bind: Bind) -> Shape:
    """Of a map, whose values are text."""
    if _empty_asked(op, literal):
        return ("entry", field.columns[0], "set", "text", bind(_key(below)), "", "")
    return _entry(field, "entry", _key(below), op, "text", literal.value, bind)


def _custom(field: Field, below: str, op: str, literal: Token, bind: Bind) -> Shape:
    """The tenant's own fields have the type of the literal: "gold", 3, true; a bare relative word is a day."""
    key, value = _key(below), literal.value
    if _empty_asked(op, literal):
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

    return _within(op, spoken, day, lambda op, name: ("entry", field.columns[0], op, "text", bind(key), name, ""))


def _entry(field: Field, where: str, key: str, op: str, kind: str, value: Any, bind: Bind, none: str = "") -> Shape:
    column = field.columns[0]
    if kind == "bool" and op in _ORDERED:
        raise wrong(f"cannot use {op} on {field.name}.{key}, which has no order")
    if op == ":":
        return (where, column, op, kind, bind(key), bind(like(value)), bind(value))
    if op == "=" and kind == "text":  # as a document, which an index can look for
        document = orjson.dumps({key: value} if where == "entry" else [{key: value}]).decode()
        return (where, column, op, "document", "", bind(document), "")
    return (where, column, op, kind, bind(key), bind(value), none)


def _period(column: str, op: str, spoken: Spoken, bind: Bind) -> Shape:
    return _within(op, spoken, bind, lambda op, name: ("is", column, op, name))


def _within(op: str, spoken: Spoken, bind: Bind, part: Callable[[str, str], Shape]) -> Shape:
    """`=` a period means within it; `>=` and `<` mean its start, `>` and `<=` its end."""

    def start(asker: Asker) -> Any:
        return _at(spoken, asker).start

    def end(asker: Asker) -> Any:
        return _at(spoken, asker).end

    if not spoken.is_period:
        return part(op, bind(start))
    match op:
        case "=":
            return ("and", part(">=", bind(start)), part("<", bind(end)))
        case ">=" | "<":
            return part(op, bind(start))
        case ">":
            return part(">=", bind(end))
        case _:
            return part("<", bind(end))


def _at(spoken: Spoken, asker: Asker) -> Any:
    try:
        return spoken.at(asker.now, asker.zone)
    except ValueError as error:
        raise wrong(f"names a time that is {error}") from None


def _spoken(field: Field, text: str) -> Spoken | None:
    message = field.descriptor.message_type
    match message.full_name if message else "":
        case "google.protobuf.Timestamp":
            return spoken_moment(text) or _local(text)
        case "google.type.Date":
            return spoken_day(text)
    return None


def _local(text: str) -> Spoken | None:
    """A moment without an offset is one where the caller is."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo:
        return None

    def at(_: datetime, zone: tzinfo) -> Span:
        return Span(moment.replace(tzinfo=zone).astimezone(UTC))

    return Spoken(False, at)


def _me(asker: Asker) -> UUID:
    return asker.user_id


def _number(text: str) -> Decimal:
    if not _NUMBER.fullmatch(text):
        raise ValueError("not a number")
    return Decimal(text)


def _key(below: str) -> str:
    return unquoted(below) if below.startswith('"') else below


def _empty_asked(op: str, literal: Token) -> bool:
    return op == ":" and literal == Token("word", "*")


def _is_list(field: Field) -> bool:
    return field.descriptor.is_repeated and isinstance(field.kind.types[""], ARRAY)


def _is_map(field: Field) -> bool:
    message = field.descriptor.message_type
    return message is not None and message.GetOptions().map_entry


def _is_struct(field: Field) -> bool:
    message = field.descriptor.message_type
    return message is not None and message.full_name == "google.protobuf.Struct"


def _parts(field: Field) -> Mapping[str, FieldDescriptor]:
    """By proto and by JSON name, what a message stored as JSON may be asked about."""
    message = field.descriptor.message_type
    if not message or field.kind.parse or _is_map(field) or message.full_name.startswith("google.protobuf."):
        return {}
    kinds = _TEXTS | _NUMBERS | {FieldDescriptor.TYPE_BOOL}
    plain = [part for part in message.fields if part.type in kinds and not part.is_repeated]
    return {name: part for part in plain for name in (part.name, part.json_name)}


def _example(field: Field) -> str:
    return next((part.name for part in _parts(field).values()), "name")


def like(text: str) -> str:
    return "%" + re.sub(r"([\\%_])", r"\\\1", text) + "%"
