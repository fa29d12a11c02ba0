"""Types of events that were ever published, and bytes of each, which every later contract must read as the same.

    make golden

writes down what is new, a noun, a verb or a field, behind what is there; it never changes a line that is there.
"""

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from google.protobuf.descriptor import Descriptor
from google.protobuf.json_format import MessageToDict, ParseDict
from google.protobuf.message import Message

from chassis.resource.verbs import event_of_noun, verbs_of
from gateway.asyncapi.events import event_types
from gateway.contract import Contract, resource_of
from gateway.nouns import nouns_of
from protos.generate import HERE, contract

FOLDER = Path(__file__).parent / "events"
TYPES = FOLDER / "types.txt"
KNOWN: dict[str, Any] = {
    "google.protobuf.Timestamp": "2026-02-14T02:03:04.567891Z",
    "google.protobuf.Duration": "3.5s",
    "google.protobuf.FieldMask": "displayName",
    "google.protobuf.Struct": {
        "tier": "甲",
        "seats": 3,
        "trial": True,
        "none": None,
        "list": [1.5, "b"],
        "in": {"a": 1},
    },
}


@dataclass(frozen=True)
class Example:
    """One event as it was written: its message, its bytes in base64, and what they say."""

    message: str
    bytes: str
    says: dict[str, Any]

    @property
    def service(self) -> str:
        return self.message.split(".")[1]

    def read(self, contract: Contract) -> dict[str, Any]:
        """What its bytes say by `contract`. Raises KeyError where the message is gone, DecodeError."""
        return _says(contract.message(self.message).FromString(base64.b64decode(self.bytes)))


def ours() -> Contract:
    return Contract(contract([HERE]))


def kept(service: str) -> list[Example]:
    """What was written down, oldest first."""
    file = FOLDER / f"{service}.jsonl"
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    return [Example(**json.loads(line)) for line in lines]


def wanted(contract: Contract) -> Iterator[Example]:
    """For each noun's event one with every field set, or as many as it takes where one excludes another."""
    for noun in contract.messages():
        event = event_of_noun(noun) if resource_of(noun) else None
        if event is None:
            continue
        for turn in range(_turns(noun)):
            made = contract.message(event.full_name)(verb=verbs_of(noun)[0])
            _fill(made, turn)
            made.before.Clear()  # type: ignore[attr-defined]  # every event has it, and its own fields are filled above
            made.before.id = "0192f0c1-7a1b-7c3d-8e4f-a1b2c3d4e5f6"  # type: ignore[attr-defined]  # likewise
            written = made.SerializeToString(deterministic=True)
            yield Example(event.full_name, base64.b64encode(written).decode(), _says(made))


def missing(contract: Contract) -> list[Example]:
    """What is new in `contract` since it was last written down."""
    return [one for one in wanted(contract) if one not in kept(one.service)]


def types(contract: Contract) -> list[str]:
    """Every type of event that `contract` knows."""
    return [one.name for one in event_types(contract, nouns_of(contract), {})]


def kept_types() -> list[str]:
    return TYPES.read_text(encoding="utf-8").split() if TYPES.exists() else []


def append(contract: Contract) -> None:
    new = [one for one in types(contract) if one not in kept_types()]
    with TYPES.open("a", encoding="utf-8") as file:
        file.writelines(f"{one}\n" for one in new)
    for one in missing(contract):
        with (FOLDER / f"{one.service}.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps(vars(one), ensure_ascii=False, separators=(",", ":")) + "\n")


def _says(message: Message) -> dict[str, Any]:
    said: dict[str, Any] = MessageToDict(message)
    return said


def _turns(message: Descriptor, seen: frozenset[str] = frozenset()) -> int:
    """How many examples it takes until each member of each oneof was set."""
    own = [len(oneof.fields) for oneof in message.oneofs]
    inner = [
        _turns(field.message_type, seen | {message.full_name})
        for field in message.fields
        if field.message_type and field.message_type.full_name not in seen | KNOWN.keys()
    ]
    return max([1, *own, *inner])


def _fill(message: Message, turn: int, within: frozenset[str] = frozenset()) -> None:
    here = within | {message.DESCRIPTOR.full_name}
    for field in message.DESCRIPTOR.fields:
        oneof = field.containing_oneof
        if oneof and oneof.fields[turn % len(oneof.fields)].name != field.name:
            continue
        if field.message_type and field.message_type.GetOptions().map_entry:
            key, value = field.message_type.fields_by_name["key"], field.message_type.fields_by_name["value"]
            if value.message_type:
                _fill(getattr(message, field.name)[_plain(key)], turn, here)
            else:
                getattr(message, field.name)[_plain(key)] = _plain(value)
        elif field.message_type and field.message_type.full_name in here:
            continue  # a message within itself is set one level deep
        elif field.message_type:
            one = getattr(message, field.name).add() if field.is_repeated else getattr(message, field.name)
            if field.message_type.full_name in KNOWN:
                ParseDict(KNOWN[field.message_type.full_name], one)
            else:
                one.SetInParent()
                _fill(one, turn, here)
        elif field.is_repeated:
            getattr(message, field.name).extend([_plain(field), _plain(field)])
        elif field.name != "verb" or within:
            setattr(message, field.name, _plain(field))


def _plain(field: Any) -> Any:
    """A value that tells this field from its neighbours."""
    if field.enum_type:
        return max(value.number for value in field.enum_type.values)
    return {
        field.CPPTYPE_STRING: b"\x00\xff\x07" if field.type == field.TYPE_BYTES else f"{field.name} 值",
        field.CPPTYPE_BOOL: True,
        field.CPPTYPE_INT32: -field.number,
        field.CPPTYPE_INT64: -(2**40) - field.number,
        field.CPPTYPE_UINT32: field.number,
        field.CPPTYPE_UINT64: 2**40 + field.number,
        field.CPPTYPE_FLOAT: field.number + 0.5,
        field.CPPTYPE_DOUBLE: field.number + 0.25,
    }[field.cpp_type]


if __name__ == "__main__":
    append(ours())
