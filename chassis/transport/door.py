"""Bytes become a request here: what PostgreSQL or a rule would trip over is refused by name, ids take one form."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from enum import Enum
from functools import cached_property
from math import isfinite
from typing import Any, TypeVar

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import DecodeError, Message

from buf.validate import validate_pb2
from chassis.errors import InvalidArgument
from chassis.resource.validity import refuse, violations
from kith.v1 import options_pb2

FIRST_SECOND, LAST_SECOND = -62135596800, 253402300799  # the years 1 to 9999
LONGEST_SPAN_SECONDS = 315_576_000_000  # 10,000 years, as google.protobuf.Duration says
LARGEST_WHOLE = 2**53

M = TypeVar("M", bound=Message)

# What is wrong with a value, and where below it.
Problems = Iterable[tuple[str, str]]
Check = Callable[[Any], Problems]
Look = Callable[[Any, str, dict[str, str]], None]  # at a value, in a place; what is wrong goes to the problems
Step = tuple[str, "Shape", Look]  # field, what its value is, how it is looked at


class Shape(Enum):
    """What stands in a field, and how one comes to it."""

    MESSAGE = "message"  # there or not
    SEVERAL = "several"  # looked at one by one
    WHOLE = "whole"  # one value, or a map


class Door:
    """A walk over one kind of message, compiled from its descriptor: it goes only where something can be wrong."""

    def __init__(self, descriptor: Descriptor, known: dict[str, Door] | None = None, *, texts: bool = True) -> None:
        """Without `texts` it is for messages of which it is known that no text in them holds a NUL."""
        known = {} if known is None else known
        known[descriptor.full_name] = self
        self._descriptor = descriptor
        self._whole = _MESSAGES.get(descriptor.full_name)
        self._steps: list[Step] = []
        self._ids: list[tuple[str, bool]] = []
        of_noun = descriptor.GetOptions().HasExtension(options_pb2.resource)
        for field in descriptor.fields:
            if step := _step(field, known, texts):
                self._steps.append(step)
            if _is_id(field, of_noun):
                self._ids.append((field.name, field.is_repeated))
        self.looks = bool(self._whole or self._steps or self._ids)

    # Of a message that holds itself it is not known yet whether there is anything to look at.
    looks = True

    @cached_property
    def without_texts(self) -> Door:
        return Door(self._descriptor, texts=False)

    def walk(self, message: Any, path: str, problems: dict[str, str]) -> None:
        if self._whole:
            problems |= {path.rstrip(".") + below: problem for below, problem in self._whole(message)}
        for name, shape, look in self._steps:
            if shape is Shape.MESSAGE:
                if message.HasField(name):
                    look(getattr(message, name), path + name, problems)
            elif value := getattr(message, name):  # an empty value is a good one
                if shape is Shape.SEVERAL:
                    for at, one in enumerate(value):
                        look(one, f"{path}{name}[{at}]", problems)
                else:
                    look(value, path + name, problems)
        for name, several in self._ids:
            if value := getattr(message, name):
                if several:
                    value[:] = [id.lower() for id in value]
                else:
                    setattr(message, name, value.lower())


def parse(raw: bytes, message: type[M], door: Door) -> M:
    """Fields we do not know are dropped, since releases differ. Raises InvalidArgument naming all that is wrong."""
    try:
        request = message.FromString(raw)
    except (DecodeError, ValueError):
        raise InvalidArgument(f"this is no {message.DESCRIPTOR.name}") from None
    request.DiscardUnknownFields()
    problems: dict[str, str] = {}
    # UTF-8 writes a NUL as the byte 0 and nothing else so: where there is no such byte, no text needs looking at.
    (door if b"\0" in raw else door.without_texts).walk(request, "", problems)
    refuse(problems or violations(request))
    return request


def _step(field: FieldDescriptor, known: dict[str, Door], texts: bool) -> Step | None:
    inner = field.message_type
    if not inner or inner.full_name == _STRUCT:
        check = _MESSAGES[_STRUCT] if inner else _check_of(field, texts)
        if check is None:
            return None
        look = _checking(check)
    else:
        below = known.get(inner.full_name) or Door(inner, known, texts=texts)
        if not below.looks:
            return None
        if inner.GetOptions().map_entry:
            return field.name, Shape.WHOLE, _through_map(below)
        look = _below(below)
    if field.is_repeated:
        return field.name, Shape.SEVERAL, look
    return field.name, Shape.MESSAGE if inner else Shape.WHOLE, look


def _is_id(field: FieldDescriptor, of_noun: bool) -> bool:
    """A UUID of ours, and no id that another system gave."""
    if field.type != FieldDescriptor.TYPE_STRING:
        return False
    options = field.GetOptions()
    rules = options.Extensions[validate_pb2.field]
    ours = rules.string.uuid or rules.repeated.items.string.uuid or options.Extensions[options_pb2.reference]
    return bool(ours) or (of_noun and field.name == "id")


def _through_map(entry: Door) -> Look:
    deeper = next((look for name, _, look in entry._steps if name == "value"), None)

    def look(values: Any, place: str, problems: dict[str, str]) -> None:
        for key in values:
            if isinstance(key, str) and "\0" in key:
                problems[place] = "has a key that holds a NUL"
            elif deeper:
                deeper(values[key], f"{place}.{key}", problems)

    return look


def _below(door: Door) -> Look:
    return lambda message, place, problems: door.walk(message, place + ".", problems)


def _checking(check: Check) -> Look:
    def look(value: Any, place: str, problems: dict[str, str]) -> None:
        for below, problem in check(value):
            problems[place + below] = problem

    return look


def _check_of(field: FieldDescriptor, texts: bool) -> Check | None:
    if enum := field.enum_type:
        numbers = frozenset(value.number for value in enum.values)
        return lambda number: () if number in numbers else [("", f"{number} is no {enum.name}")]
    if field.type == FieldDescriptor.TYPE_STRING:
        return _text if texts else None
    if field.type in (FieldDescriptor.TYPE_DOUBLE, FieldDescriptor.TYPE_FLOAT):
        return lambda number: () if isfinite(number) else [("", "is no finite number")]
    return None


def _text(text: str) -> Problems:
    return [("", "holds a NUL")] if "\0" in text else ()


def _date(day: Any) -> Problems:
    try:
        date(day.year, day.month, day.day)
    except (ValueError, OverflowError):
        return [("", "is no day of the calendar")]
    return ()


def _timestamp(moment: Any) -> Problems:
    fits = FIRST_SECOND <= moment.seconds <= LAST_SECOND and 0 <= moment.nanos < 10**9
    return () if fits else [("", "is no moment of the years 1 to 9999")]


def _duration(span: Any) -> Problems:
    fits = abs(span.seconds) <= LONGEST_SPAN_SECONDS and abs(span.nanos) < 10**9 and span.seconds * span.nanos >= 0
    return () if fits else [("", "is no span of up to 10,000 years")]


def _money(money: Any) -> Problems:
    """What it comes to is ours to say; who sends back what they read is not refused for it."""
    money.ClearField("base_amount")
    return [("", "has units and nanos of different signs")] if money.units * money.nanos < 0 else ()


def _struct(struct: Any) -> Problems:
    """The tenant's own names and values; a number is a double, which holds whole ones up to 2^53 only."""
    for key, value in struct.fields.items():
        if "\0" in key:
            yield "", "has a key that holds a NUL"
        else:
            yield from ((f".{key}{deeper}", problem) for deeper, problem in _value(value))


def _value(value: Any) -> Problems:
    match value.WhichOneof("kind"):
        case "number_value" if not isfinite(value.number_value):
            yield "", "is no finite number"
        case "number_value" if abs(value.number_value) > LARGEST_WHOLE and value.number_value.is_integer():
            yield "", "is a whole number beyond 2^53; write it as text"
        case "string_value":
            yield from _text(value.string_value)
        case "struct_value":
            yield from _struct(value.struct_value)
        case "list_value":
            for at, one in enumerate(value.list_value.values):
                yield from ((f"[{at}]{deeper}", problem) for deeper, problem in _value(one))


_STRUCT = "google.protobuf.Struct"
_MESSAGES: dict[str, Check] = {
    "google.type.Date": _date,
    "google.protobuf.Timestamp": _timestamp,
    "google.protobuf.Duration": _duration,
    _STRUCT: _struct,
    "kith.v1.Money": _money,
}
