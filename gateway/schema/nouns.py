"""What there is to work with, read off the contract once: nouns, their fields, their acts."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from google.api import field_behavior_pb2 as behavior
from google.protobuf.descriptor import FieldDescriptor, MethodDescriptor

from chassis.resource.contract import LAST_COMMON
from gateway.contract import Contract, behaviours, http_rule, is_searchable, label, resource_of
from gateway.nouns import Noun
from kith.v1 import options_pb2

Json = dict[str, Any]
_TYPES = {
    FieldDescriptor.TYPE_STRING: "text",
    FieldDescriptor.TYPE_BOOL: "boolean",
    FieldDescriptor.TYPE_INT32: "integer",
    FieldDescriptor.TYPE_INT64: "integer",
    FieldDescriptor.TYPE_DOUBLE: "number",
    FieldDescriptor.TYPE_ENUM: "choice",
    FieldDescriptor.TYPE_BYTES: "bytes",
}
_MESSAGES = {
    "google.protobuf.Timestamp": "date_time",
    "google.protobuf.Duration": "duration",
    "google.type.Date": "date",
    "google.protobuf.Struct": "custom_fields",
    "kith.v1.Money": "money",
    "kith.v1.EmailAddress": "email",
    "kith.v1.PhoneNumber": "phone",
    "kith.v1.PostalAddress": "address",
}


@dataclass(frozen=True)
class Act:
    """One rpc of a noun, and the permission it takes; "" for one that takes none."""

    permission: str
    shown: Json


@dataclass(frozen=True)
class NounSchema:
    """`fields` by their proto names, which rights name them by; `own` are those that not every record has."""

    name: str
    shown: Json
    fields: Mapping[str, Json] = field(default_factory=dict)
    own: frozenset[str] = frozenset()
    acts: tuple[Act, ...] = ()


def schemas_of(contract: Contract, nouns: Mapping[str, Noun]) -> list[NounSchema]:
    methods = [*contract.methods()]
    return [_schema(noun, methods) for noun in nouns.values()]


def _schema(noun: Noun, methods: list[MethodDescriptor]) -> NounSchema:
    resource = resource_of(noun.message)
    assert resource is not None
    shown = {
        "name": noun.name,
        "plural": noun.plural,
        "label": noun.label,
        "titleField": noun.title_field,
        "owned": resource.ownership == options_pb2.OWNED,
        "customizable": resource.custom_fields,
    }
    fields = {one.name: _field(one) for one in noun.message.fields}
    file = noun.message.file.name
    acts = [act for one in methods if one.containing_service.file.name == file for act in _acts(one)]
    own = frozenset(one.name for one in noun.message.fields if one.number > LAST_COMMON)
    return NounSchema(noun.name, shown, fields, own, tuple(acts))


def _acts(method: MethodDescriptor) -> Iterator[Act]:
    """Those that have a door over HTTP."""
    verb, path, _ = http_rule(method)
    if verb:
        options = method.GetOptions().Extensions
        shown = {
            "name": method.name,
            "label": label(options[options_pb2.method_label]),
            "method": verb,
            "path": path,
        }
        yield Act(options[options_pb2.access].permission, shown)


def _field(descriptor: FieldDescriptor) -> Json:
    said, kinds = descriptor.GetOptions().Extensions, behaviours(descriptor)
    message = descriptor.message_type
    found: Json = {
        "name": descriptor.json_name,
        "type": _type(descriptor),
        "label": label(said[options_pb2.field_label]),
        "repeated": bool(descriptor.is_repeated and not (message and message.GetOptions().map_entry)),
        "required": behavior.REQUIRED in kinds,
        "outputOnly": behavior.OUTPUT_ONLY in kinds,
        "immutable": behavior.IMMUTABLE in kinds,
        "sortable": said[options_pb2.sortable],
        "searchable": said[options_pb2.searchable] or bool(message and is_searchable(message)),
        "unique": said[options_pb2.unique],
    }
    if said[options_pb2.reference]:
        found["reference"] = said[options_pb2.reference]
    if descriptor.enum_type:
        values = [*descriptor.enum_type.values][1:]
        found["options"] = [
            {"value": one.name, "label": label(one.GetOptions().Extensions[options_pb2.value_label])} for one in values
        ]
    return found


def _type(descriptor: FieldDescriptor) -> str:
    message = descriptor.message_type
    if message:
        return "labels" if message.GetOptions().map_entry else _MESSAGES.get(message.full_name, "object")
    reference = descriptor.GetOptions().Extensions[options_pb2.reference]
    return "reference" if reference or descriptor.name == "id" else _TYPES[descriptor.type]
