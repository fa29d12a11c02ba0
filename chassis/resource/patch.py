"""A partial update: which fields a request names, and the record they leave."""

from collections.abc import Iterable
from typing import Any, TypeVar

from google.api import field_behavior_pb2 as behavior
from google.protobuf.message import Message

from chassis.call import Call
from chassis.errors import InvalidArgument
from chassis.resource.resource import Resource, id_of

T = TypeVar("T", bound=Message)
OPEN_FIELDS = "custom_fields"  # a mask reaches one level into it


async def patch(resource: Resource[T], call: Call, given: T, mask: Iterable[str] | None) -> T:
    """Change the fields `mask` names; None means the populated ones. A repeated field is replaced whole.

    Raises InvalidArgument for a name that is none, is output-only, or is immutable and would change.
    """
    record = await resource.lock(call, id_of(given), given.etag)  # type: ignore[attr-defined]  # as in id_of
    for path in populated(resource, given) if mask is None else [resource.noun.path_of(path) for path in mask]:
        name, _, key = path.partition(".")
        if name not in resource.noun.fields or name in resource.outputs or (key and name != OPEN_FIELDS):
            raise InvalidArgument.of("update_mask", f"{path} cannot be set")
        if name in resource.noun.having(behavior.IMMUTABLE):
            if getattr(record, name) != getattr(given, name):
                raise InvalidArgument.of("update_mask", f"{path} cannot be changed")
        elif key:
            _set_key(record, given, key)
        elif name == OPEN_FIELDS:
            _replace_open(record, given, call.caller.may_not_write(resource.noun.permission))
        else:
            _replace(record, given, name)
    return await resource.save(call, record)


def populated(resource: Resource[T], given: T) -> list[str]:
    return [field.name for field, _ in given.ListFields() if field.name not in resource.outputs]


def _replace(record: Message, given: Message, name: str) -> None:
    record.ClearField(name)
    one = type(given)()
    one.CopyFrom(given)
    for field, _ in given.ListFields():
        if field.name != name:
            one.ClearField(field.name)
    record.MergeFrom(one)


def _replace_open(record: Any, given: Any, closed: frozenset[str]) -> None:
    """All of them that the caller may write; those that are not theirs stay as they are, seen or not."""
    kept = {code for code in record.custom_fields.fields if f"{OPEN_FIELDS}.{code}" in closed}
    for code in {*record.custom_fields.fields, *given.custom_fields.fields} - kept:
        _set_key(record, given, code)


def _set_key(record: Any, given: Any, key: str) -> None:
    if key in given.custom_fields.fields:
        record.custom_fields.fields[key].CopyFrom(given.custom_fields.fields[key])
    else:
        record.custom_fields.fields.pop(key, None)
