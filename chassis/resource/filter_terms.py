"""What one comparison of a filter means, by the kind of field it is about."""

import re
from datetime import UTC, datetime, tzinfo
from uuid import UUID

from google.protobuf.descriptor import FieldDescriptor
from sqlalchemy import ARRAY, Text, Uuid

from chassis.errors import InvalidArgument
from chassis.ids import parse_id
from chassis.resource import grams
from chassis.resource.filter_json import custom, is_map, is_struct, label, member, members
from chassis.resource.filter_shape import ORDERED, Asker, Bind, Shape, empty_asked, like, within
from chassis.resource.filter_tokens import Token, wrong
from chassis.resource.noun import Field
from chassis.resource.relative_time import Span, Spoken, spoken_day, spoken_moment

USERS = "identity.user"
_MONEY = re.compile(r"([A-Z]{3})\s+(\S+)")


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
    return bool(field.kind.parse) or _is_list(field) or is_map(field) or is_struct(field) or bool(members(field))


def _compared(field: Field, below: str, op: str, literal: Token, bind: Bind) -> Shape:
    message = field.descriptor.message_type
    whole = message.full_name if message and not field.descriptor.is_repeated else ""
    if whole == "kith.v1.Money":
        return _money(field, below, op, literal, bind)
    if below:
        if is_struct(field):
            return custom(field, below, op, literal, bind)
        if is_map(field):
            return label(field, below, op, literal, bind)
        return member(field, below, op, literal, bind)
    if empty_asked(op, literal):
        return ("set", field.columns[0])
    if is_map(field) and op == ":":
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
    if op in ORDERED and (field.descriptor.enum_type or field.descriptor.type == FieldDescriptor.TYPE_BOOL):
        raise wrong(f"cannot use {op} on {field.name}, which has no order")
    if field.reference == USERS and literal.value == "me":
        return ("is", field.columns[0], op, bind(_me))
    return ("is", field.columns[0], op, bind(field.kind.parse(literal.value)))


def _money(field: Field, below: str, op: str, literal: Token, bind: Bind) -> Shape:
    """A plain number is one in the base currency; `"EUR 1000"` means amounts in euros only, as they were written."""
    amount, currency, base = field.columns
    if below:
        if below not in ("currency_code", "currencyCode") or op not in ("=", ":") or not literal.value.isalpha():
            raise wrong(f"may be by {field.name} and, with =, by {field.name}.currency_code")
        return ("is", currency, "=", bind(literal.value))
    if empty_asked(op, literal):
        return ("set", amount)
    if op == ":":
        raise wrong(f"cannot use ':' on {field.name}, which is neither text nor a list")
    assert field.kind.parse
    named = _MONEY.fullmatch(literal.value)
    if not named:
        return ("is", base, op, bind(field.kind.parse(literal.value)))
    return ("and", ("is", currency, "=", bind(named[1])), ("is", amount, op, bind(field.kind.parse(named[2]))))


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


def _period(column: str, op: str, spoken: Spoken, bind: Bind) -> Shape:
    return within(op, spoken, bind, lambda op, name: ("is", column, op, name))


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

    def at(_: datetime, zone: tzinfo, first_weekday: int) -> Span:
        return Span(moment.replace(tzinfo=zone).astimezone(UTC))

    return Spoken(False, at)


def _me(asker: Asker) -> UUID:
    return asker.user_id


def _is_list(field: Field) -> bool:
    return field.descriptor.is_repeated and isinstance(field.kind.types[""], ARRAY)


def _example(field: Field) -> str:
    return next((part.name for part in members(field).values()), "name")
