"""Takes what is personal out of a message: all that says so in its contract, or only what mentions one person."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from google.api import field_behavior_pb2 as behavior
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message

from chassis.privacy.person import MARK, Known
from chassis.values.email import same_email
from kith.v1 import options_pb2

# What a tenant and its programs say of a person in their own words, or call them elsewhere.
OF_A_PERSON = ("labels", "custom_fields", "external_ids")
EMAIL, PHONE = "kith.v1.EmailAddress", "kith.v1.PhoneNumber"


@lru_cache(maxsize=512)
def is_person(noun: Descriptor) -> bool:
    return bool(noun.GetOptions().Extensions[options_pb2.person])


def reached_by(record: Any) -> Known:
    """The addresses and numbers that are fields of it, whosever they are."""
    emails, phones = set(), set()
    for field, value in record.ListFields():
        kind = field.message_type.full_name if field.message_type and field.is_repeated else ""
        if kind == EMAIL:
            emails |= {same_email(one.address) for one in value}
        elif kind == PHONE:
            phones |= {one.number for one in value}
    return Known(frozenset(emails), frozenset(phones))


def names_of(record: Any) -> Iterator[str]:
    """What a person is called, with where they live and how else they are reached: texts that tell of nobody else."""
    if record.DESCRIPTOR.fields_by_name.get("display_name"):
        yield record.display_name
    for field, value in record.ListFields():
        if field.message_type and not field.message_type.GetOptions().map_entry:
            for one in value if field.is_repeated else [value]:
                yield from _personal_texts(one)


def _personal_texts(message: Message) -> Iterator[str]:
    for field, value in message.ListFields():
        if _personal(field) == options_pb2.IDENTIFYING and field.type == FieldDescriptor.TYPE_STRING:
            yield from value if field.is_repeated else [value]


def wipe(message: Message) -> None:
    """In place: each field that is personal, or has something personal in it, is empty, or marked if it must not be."""
    for field, _ in message.ListFields():
        if _personal(field):
            if _must_be_there(field):
                setattr(message, field.name, MARK)
            else:
                message.ClearField(field.name)
        elif field.message_type and _holds_personal(field.message_type):
            message.ClearField(field.name)
    if is_person(message.DESCRIPTOR):
        for name in OF_A_PERSON:
            if name in message.DESCRIPTOR.fields_by_name:
                message.ClearField(name)


def strike(message: Any, pattern: "re.Pattern[str]") -> None:
    """In place: each text without what matches; an address or a number that does is gone as a whole."""
    for field, value in message.ListFields():
        if _personal(field) == options_pb2.SENSITIVE:
            continue
        if field.message_type and field.message_type.GetOptions().map_entry:
            _strike_map(field.message_type.fields_by_name["value"], value, pattern)
        elif field.message_type and field.is_repeated:
            kept = [one for one in value if not _is_theirs(one, pattern)]
            for one in kept:
                strike(one, pattern)
            if len(kept) < len(value):
                message.ClearField(field.name)
                getattr(message, field.name).extend(kept)
        elif field.message_type:
            strike(value, pattern)
        elif field.type == FieldDescriptor.TYPE_STRING and field.is_repeated:
            value[:] = [pattern.sub(MARK, one) for one in value]
        elif field.type == FieldDescriptor.TYPE_STRING and pattern.search(value):
            setattr(message, field.name, pattern.sub(MARK, value))


def _strike_map(inner: FieldDescriptor, values: Any, pattern: "re.Pattern[str]") -> None:
    for key in [*values]:
        if inner.message_type:
            strike(values[key], pattern)
        elif inner.type == FieldDescriptor.TYPE_STRING:
            values[key] = pattern.sub(MARK, values[key])


def _is_theirs(one: Message, pattern: "re.Pattern[str]") -> bool:
    return _holds_personal(one.DESCRIPTOR) and any(pattern.search(text) for text in _personal_texts(one))


def _personal(field: FieldDescriptor) -> int:
    return int(field.GetOptions().Extensions[options_pb2.personal])


def _must_be_there(field: FieldDescriptor) -> bool:
    if field.type != FieldDescriptor.TYPE_STRING or field.is_repeated:
        return False
    options = field.GetOptions().Extensions
    required = behavior.REQUIRED in options[behavior.field_behavior]
    return field.name == "display_name" or (required and _personal(field) != options_pb2.SENSITIVE)


@lru_cache(maxsize=2048)
def _holds_personal(message: Descriptor) -> bool:
    return _holds(message, frozenset())


def _holds(message: Descriptor, above: frozenset[str]) -> bool:
    if message.full_name in above:
        return False
    inside = above | {message.full_name}
    return any(
        _personal(field) or (field.message_type is not None and _holds(field.message_type, inside))
        for field in message.fields
    )
