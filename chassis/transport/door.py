"""Bytes become a request here: what PostgreSQL or a rule would trip over is refused by name, ids take one form."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from math import isfinite
from typing import Any, TypeVar

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import DecodeError, Message

from chassis.errors import InvalidArgument
from chassis.resource.validity import refuse, violations

FIRST_SECOND, LAST_SECOND = -62135596800, 253402300799  # the years 1 to 9999

M = TypeVar("M", bound=Message)

# The problem with a value, or "".
Check = Callable[[Any], str]


class Door:
    """A walk over one kind of message, compiled from its descriptor."""

    def __init__(self, descriptor: Descriptor, known: dict[str, Door] | None = None) -> None:
        known = {} if known is None else known
        known[descriptor.full_name] = self
        self._whole = _MESSAGES.get(descriptor.full_name)
        self._checks: dict[str, Check] = {}
        self._ids: list[str] = []
        self._below: dict[str, Door] = {}
        for field in descriptor.fields:
            if field.message_type:
                self._below[field.name] = known.get(field.message_type.full_name) or Door(field.message_type, known)
            elif check := _check_of(field):
                self._checks[field.name] = check
                if field.name == "id" or (field.name.endswith("_id") and field.name != "request_id"):
                    self._ids.append(field.name)

    def walk(self, message: Any, path: str, problems: dict[str, str]) -> None:
        if self._whole and (problem := self._whole(message)):
            problems[path.rstrip(".")] = problem
        for field, value in message.ListFields():
            name = field.name
            if check := self._checks.get(name):
                for one in value if field.is_repeated else (value,):
                    if problem := check(one):
                        problems[path + name] = problem
            elif below := self._below.get(name):
                if field.message_type.GetOptions().map_entry:
                    for key in value:
                        _walk_entry(below, key, value[key], f"{path}{name}.", problems)
                else:
                    for one in value if field.is_repeated else (value,):
                        below.walk(one, f"{path}{name}.", problems)
        for name in self._ids:
            if text := getattr(message, name):
                setattr(message, name, text.lower())


def parse(raw: bytes, message: type[M], door: Door) -> M:
    """Fields we do not know are dropped, since releases differ. Raises InvalidArgument naming all that is wrong."""
    try:
        request = message.FromString(raw)
    except (DecodeError, ValueError):
        raise InvalidArgument(f"this is no {message.DESCRIPTOR.name}") from None
    request.DiscardUnknownFields()
    problems: dict[str, str] = {}
    door.walk(request, "", problems)
    refuse(problems or violations(request))
    return request


def _walk_entry(entry: Door, key: Any, value: Any, path: str, problems: dict[str, str]) -> None:
    if isinstance(key, str) and "\0" in key:
        problems[path + "key"] = "holds a NUL"
    if below := entry._below.get("value"):
        below.walk(value, f"{path}{key}.", problems)
    elif (check := entry._checks.get("value")) and (problem := check(value)):
        problems[f"{path}{key}"] = problem


def _check_of(field: FieldDescriptor) -> Check | None:
    if enum := field.enum_type:
        numbers = frozenset(value.number for value in enum.values)
        return lambda number: "" if number in numbers else f"{number} is no {enum.name}"
    if field.type == FieldDescriptor.TYPE_STRING:
        return lambda text: "holds a NUL" if "\0" in text else ""
    if field.type in (FieldDescriptor.TYPE_DOUBLE, FieldDescriptor.TYPE_FLOAT):
        return lambda number: "" if isfinite(number) else "is no finite number"
    return None


def _date(day: Any) -> str:
    try:
        date(day.year, day.month, day.day)
    except (ValueError, OverflowError):
        return "is no day of the calendar"
    return ""


def _timestamp(moment: Any) -> str:
    fits = FIRST_SECOND <= moment.seconds <= LAST_SECOND and 0 <= moment.nanos < 10**9
    return "" if fits else "is no moment of the years 1 to 9999"


def _money(money: Any) -> str:
    return "has units and nanos of different signs" if money.units * money.nanos < 0 else ""


_MESSAGES: dict[str, Check] = {
    "google.type.Date": _date,
    "google.protobuf.Timestamp": _timestamp,
    "kith.v1.Money": _money,
}
