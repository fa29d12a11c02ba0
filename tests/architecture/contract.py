"""The contract as the rules about it see it: nouns, methods and messages, with their options and comments."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from google.api import annotations_pb2, field_behavior_pb2
from google.api.http_pb2 import HttpRule
from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    EnumDescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
    FileDescriptorSet,
    MethodDescriptorProto,
    ServiceDescriptorProto,
)

from buf.validate import validate_pb2  # noqa: F401  # so that its options are read, not kept as bytes
from cli.new_noun import contract_of
from cli.noun_template import METHODS, NounShape
from kith.v1 import options_pb2
from protos.generate import contract

OUTPUT_ONLY = field_behavior_pb2.OUTPUT_ONLY


@dataclass(frozen=True)
class Method:
    """One rpc, and where it stands."""

    file: FileDescriptorProto
    service: ServiceDescriptorProto
    proto: MethodDescriptorProto

    @property
    def name(self) -> str:
        return f"{self.file.package}.{self.service.name}.{self.proto.name}"

    @property
    def access(self) -> options_pb2.Access:
        return self.proto.options.Extensions[options_pb2.access]

    @property
    def http(self) -> HttpRule:
        return self.proto.options.Extensions[annotations_pb2.http]

    @property
    def route(self) -> tuple[str, str]:
        """HTTP method and path; empty for what only services call."""
        verb = self.http.WhichOneof("pattern") or ""
        return verb, getattr(self.http, verb) if verb else ""


class Contract:
    """Everything in packages `kith.*`, by full name without the leading dot."""

    def __init__(self, described: bytes) -> None:
        found = FileDescriptorSet.FromString(described).file
        self.files = [file for file in found if file.package.startswith("kith.")]
        self.messages: dict[str, DescriptorProto] = {}
        self.enums: dict[str, EnumDescriptorProto] = {}
        for file in self.files:
            self.enums.update({f"{file.package}.{enum.name}": enum for enum in file.enum_type})
            for message in file.message_type:
                self._collect(f"{file.package}.{message.name}", message)

    def _collect(self, name: str, message: DescriptorProto) -> None:
        if message.options.map_entry:
            return
        self.messages[name] = message
        self.enums.update({f"{name}.{enum.name}": enum for enum in message.enum_type})
        for nested in message.nested_type:
            self._collect(f"{name}.{nested.name}", nested)

    @cached_property
    def methods(self) -> list[Method]:
        return [
            Method(file, service, method)
            for file in self.files
            for service in file.service
            for method in service.method
        ]

    @cached_property
    def nouns(self) -> dict[str, NounShape]:
        return {
            f"{file.package}.{message.name}": _shape(file, message)
            for file in self.files
            for message in file.message_type
            if message.options.HasExtension(options_pb2.resource)
        }

    @cached_property
    def shown(self) -> dict[str, DescriptorProto]:
        """Messages that people look at: nouns and what they are made of."""
        found: dict[str, DescriptorProto] = {}
        waiting = list(self.nouns)
        while waiting:
            name = waiting.pop()
            if name not in found and name in self.messages:
                found[name] = self.messages[name]
                waiting.extend(field.type_name.lstrip(".") for field in found[name].field if field.type_name)
        return found

    @cached_property
    def standard(self) -> Contract:
        """The same nouns with nothing of their own, as the generator writes them."""
        with tempfile.TemporaryDirectory() as scratch:
            for noun in self.nouns.values():
                file = Path(scratch) / "kith" / noun.service / "v1" / f"{noun.name}.proto"
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(contract_of(noun, fields=""), encoding="utf-8")
            return Contract(contract([Path(scratch)]))

    def own_fields(self, method: Method) -> Iterator[FieldDescriptorProto]:
        """What a verb asks for beyond which record, and how careful to be."""
        yield from (field for field in self.messages[method.proto.input_type.lstrip(".")].field if _own(field))


def _own(field: FieldDescriptorProto) -> bool:
    return field.name not in {"id", "etag", "request_id", "validate_only", "page_size", "page_token", "filter"}


def _shape(file: FileDescriptorProto, message: DescriptorProto) -> NounShape:
    resource = message.options.Extensions[options_pb2.resource]
    shape = NounShape(
        *(file.package.split(".")[1], message.name, resource.plural, resource.label.zh, resource.label.en),
        owned=resource.ownership == options_pb2.OWNED,
        journal=resource.journal,
        custom_fields=resource.custom_fields,
        external_ids=any(field.name == "external_ids" for field in message.field),
    )
    rpcs = {method.name: method for service in file.service for method in service.method}
    create = rpcs.get(f"Create{shape.title}")
    return replace(
        shape,
        secret=bool(create and create.options.Extensions[options_pb2.no_replay]),
        methods=tuple(method for method in METHODS if rpc_name(shape, method) in rpcs),
    )


def rpc_name(noun: NounShape, method: str) -> str:
    if method in {"ListRevisions", "ListShares"}:
        return f"List{noun.title}{method.removeprefix('List')}"
    return method + (noun.plural_title if method in {"BatchGet", "List", "Aggregate"} else noun.title)


def behaves(field: FieldDescriptorProto, kind: int) -> bool:
    return kind in field.options.Extensions[field_behavior_pb2.field_behavior]


def uncommented(file: FileDescriptorProto) -> Iterator[str]:
    """Names of services, rpcs, messages, fields, enums and values without a comment of their own before them."""
    said = {tuple(place.path) for place in file.source_code_info.location if place.leading_comments.strip()}

    def of_enum(enum: EnumDescriptorProto, path: tuple[int, ...], name: str) -> Iterator[str]:
        yield from [name] if path not in said else []
        yield from (f"{name}.{one.name}" for n, one in enumerate(enum.value) if (*path, 2, n) not in said)

    def of_message(message: DescriptorProto, path: tuple[int, ...], name: str) -> Iterator[str]:
        if message.options.map_entry:
            return
        yield from [name] if path not in said else []
        yield from (f"{name}.{one.name}" for n, one in enumerate(message.field) if (*path, 2, n) not in said)
        for n, nested in enumerate(message.nested_type):
            yield from of_message(nested, (*path, 3, n), f"{name}.{nested.name}")
        for n, enum in enumerate(message.enum_type):
            yield from of_enum(enum, (*path, 4, n), f"{name}.{enum.name}")

    for n, message in enumerate(file.message_type):
        yield from of_message(message, (4, n), f"{file.package}.{message.name}")
    for n, enum in enumerate(file.enum_type):
        yield from of_enum(enum, (5, n), f"{file.package}.{enum.name}")
    for n, service in enumerate(file.service):
        yield from [f"{file.package}.{service.name}"] if (6, n) not in said else []
        yield from (f"{service.name}.{rpc.name}" for m, rpc in enumerate(service.method) if (6, n, 2, m) not in said)
