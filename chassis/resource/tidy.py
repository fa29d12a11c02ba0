"""Telephone numbers and e-mail addresses take one form on every write, whichever way they came in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from google.protobuf.descriptor import Descriptor
from google.protobuf.message import Message

from chassis.errors import InvalidArgument
from chassis.values.email import tidy_email
from chassis.values.phone import tidy_phone

Tidy = Callable[[Message], None]
# Each raises ValueError saying what is wrong with the value.
_FORMS: dict[str, Callable[[Any], None]] = {"kith.v1.EmailAddress": tidy_email, "kith.v1.PhoneNumber": tidy_phone}


def tidy_of(descriptor: Descriptor) -> Tidy | None:
    """None where the noun holds none of them. What it returns raises InvalidArgument naming every bad one."""
    places = [
        (field.name, field.is_repeated, _FORMS[field.message_type.full_name])
        for field in descriptor.fields
        if field.message_type and field.message_type.full_name in _FORMS
    ]
    if not places:
        return None

    def tidy(record: Message) -> None:
        problems: dict[str, str] = {}
        for name, repeated, form in places:
            value = getattr(record, name)
            for at, one in enumerate(value if repeated else [value] if record.HasField(name) else []):
                try:
                    form(one)
                except ValueError as problem:
                    problems[f"{name}[{at}]" if repeated else name] = str(problem)
        if problems:
            raise InvalidArgument("; ".join(f"{path}: {said}" for path, said in problems.items()), fields=problems)

    return tidy
