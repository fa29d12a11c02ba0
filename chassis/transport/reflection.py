"""The contract as programs ask a running service for it: gRPC reflection, v1 and v1alpha, comments included.

The two versions are one wire format under two names (github.com/grpc/grpc-proto, grpc/reflection); of them
grpcio-reflection has only the older, and its servicer neither finds an rpc by name nor tells a comment.
"""

from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import grpc
from google.protobuf.descriptor import FileDescriptor, ServiceDescriptor
from google.protobuf.descriptor_pb2 import FileDescriptorProto, FileDescriptorSet
from google.protobuf.message import DecodeError
from grpc_reflection.v1alpha.reflection_pb2 import (
    DESCRIPTOR,
    ErrorResponse,
    ServerReflectionRequest,
    ServerReflectionResponse,
)

import kith.v1  # where the stubs are, whatever else is beside them

NAME = "ServerReflection"
V1, V1ALPHA = "grpc.reflection.v1", "grpc.reflection.v1alpha"
CONTRACT = "contract.binpb"  # what protos/generate.py writes beside the stubs, and protos/setup.py among them


class Reflection:
    """Tells anybody which `services` are here and what they are made of: those files and what they import, no others.

    The files are read at the first question, since most processes are never asked.
    """

    def __init__(self, services: Sequence[ServiceDescriptor]) -> None:
        self.names = sorted([*(service.full_name for service in services), *(f"{one}.{NAME}" for one in (V1, V1ALPHA))])
        self._files_of_services = [service.file for service in services]

    def handlers(self) -> dict[str, dict[str, Any]]:
        """Name of a gRPC service -> its methods."""
        talk: Any = grpc.stream_stream_rpc_method_handler(self._talk)  # bytes in: what is no request gets an answer too
        return {f"{package}.{NAME}": {f"{NAME}Info": talk} for package in (V1, V1ALPHA)}

    async def _talk(self, questions: AsyncIterator[bytes], context: Any) -> AsyncIterator[bytes]:
        told: set[str] = set()
        async for raw in questions:
            yield self.answer(raw, told).SerializeToString()

    def answer(self, raw: bytes, told: set[str]) -> ServerReflectionResponse:
        """One question's answer. `told` are the files that this client was told already; what is new is added."""
        try:
            asked = ServerReflectionRequest.FromString(raw)
        except DecodeError:
            return ServerReflectionResponse(error_response=_error(grpc.StatusCode.INVALID_ARGUMENT, "no such request"))
        reply = ServerReflectionResponse(valid_host=asked.host, original_request=asked)
        match asked.WhichOneof("message_request"):
            case "list_services":
                for name in self.names:
                    reply.list_services_response.service.add(name=name)
            case "file_by_filename":
                self._tell(reply, asked.file_by_filename, asked.file_by_filename, told)
            case "file_containing_symbol":
                symbol = asked.file_containing_symbol
                self._tell(reply, self._files.homes.get(symbol), symbol, told)
            case "file_containing_extension":
                extension = asked.file_containing_extension
                wanted = extension.containing_type, extension.extension_number
                self._tell(reply, self._files.extensions.get(wanted), f"{wanted[1]} of {wanted[0]}", told)
            case "all_extension_numbers_of_type":
                self._number(reply, asked.all_extension_numbers_of_type)
            case _:
                reply.error_response.CopyFrom(_error(grpc.StatusCode.INVALID_ARGUMENT, "nothing is asked"))
        return reply

    def _tell(self, reply: ServerReflectionResponse, file: str | None, wanted: str, told: set[str]) -> None:
        """The file, told before or not, and what of its imports is new."""
        if file not in self._files.serialized:
            reply.error_response.CopyFrom(_error(grpc.StatusCode.NOT_FOUND, f"{wanted} is not here"))
            return
        new = [file, *(name for name in self._files.below(file) if name != file and name not in told)]
        reply.file_descriptor_response.file_descriptor_proto.extend(self._files.serialized[name] for name in new)
        told.update(new)

    def _number(self, reply: ServerReflectionResponse, name: str) -> None:
        if name not in self._files.homes:
            reply.error_response.CopyFrom(_error(grpc.StatusCode.NOT_FOUND, f"{name} is not here"))
            return
        numbers = sorted(number for extended, number in self._files.extensions if extended == name)
        reply.all_extension_numbers_response.base_type_name = name
        reply.all_extension_numbers_response.extension_number.extend(numbers)

    @cached_property
    def _files(self) -> "Files":
        reached: dict[str, FileDescriptor] = {}
        waiting = [*self._files_of_services, DESCRIPTOR]
        while waiting:
            file = waiting.pop()
            if file.name not in reached:
                reached[file.name] = file
                waiting += file.dependencies
        described = _described(reached.keys())
        found = Files()
        for name, file in reached.items():
            found.add(described.get(name) or FileDescriptorProto.FromString(file.serialized_pb))
        found.add(_as_v1())
        return found


@dataclass(frozen=True)
class Files:
    """The files of a contract as they are sent, and where each of their names is."""

    serialized: dict[str, bytes] = field(default_factory=dict)
    imports: dict[str, list[str]] = field(default_factory=dict)
    homes: dict[str, str] = field(default_factory=dict)  # full name -> file
    extensions: dict[tuple[str, int], str] = field(default_factory=dict)  # message extended, number -> file

    def add(self, file: FileDescriptorProto) -> None:
        self.serialized[file.name] = file.SerializeToString()
        self.imports[file.name] = list(file.dependency)
        self.homes.update(dict.fromkeys(_names(file, file.package), file.name))
        for one in _extensions(file):
            self.extensions[one.extendee.removeprefix("."), one.number] = file.name

    def below(self, file: str) -> list[str]:
        """The file and all it imports, at any depth."""
        found: dict[str, None] = {}
        waiting = [file]
        while waiting:
            if (name := waiting.pop()) not in found:
                found[name] = None
                waiting += self.imports[name]
        return list(found)


def _names(parent: Any, scope: str) -> Iterator[str]:
    """Everything that has a full name; the values of an enum stand beside it, as protobuf has it."""
    for field_, parts in parent.ListFields():
        if field_.message_type is None or not field_.is_repeated or "name" not in field_.message_type.fields_by_name:
            continue
        for part in parts:
            full = f"{scope}.{part.name}" if scope else part.name
            yield full
            yield from _names(part, scope if field_.name == "enum_type" else full)


def _extensions(parent: Any) -> Iterator[Any]:
    yield from parent.extension
    for message in parent.message_type if isinstance(parent, FileDescriptorProto) else parent.nested_type:
        yield from _extensions(message)


def _described(wanted: Any) -> dict[str, FileDescriptorProto]:
    """The files with their comments, from each descriptor set that a build of stubs left on the path."""
    found: dict[str, FileDescriptorProto] = {}
    for folder in map(Path, kith.__path__):
        for place in (folder / CONTRACT, folder.parent / CONTRACT):
            if place.is_file():
                contract = FileDescriptorSet.FromString(place.read_bytes())
                found |= {file.name: file for file in contract.file if file.name in wanted}
    return found


def _as_v1() -> FileDescriptorProto:
    """The newer name of what we speak."""
    file = FileDescriptorProto.FromString(DESCRIPTOR.serialized_pb)
    file.name, file.package = "grpc/reflection/v1/reflection.proto", V1
    for message in file.message_type:
        for part in message.field:
            if part.type_name:  # an empty one that is set is no scalar any more
                part.type_name = part.type_name.replace(f".{V1ALPHA}.", f".{V1}.")
    for method in file.service[0].method:
        method.input_type = method.input_type.replace(f".{V1ALPHA}.", f".{V1}.")
        method.output_type = method.output_type.replace(f".{V1ALPHA}.", f".{V1}.")
    return file


def _error(code: grpc.StatusCode, message: str) -> ErrorResponse:
    return ErrorResponse(error_code=code.value[0], error_message=message)
