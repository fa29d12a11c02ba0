"""A program that knows only the address of a service learns its contract from it, in the words it is written in (3)."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import grpc
import pytest
from google.protobuf.descriptor_pb2 import FileDescriptorProto
from google.protobuf.descriptor_pool import DescriptorPool
from grpc_reflection.v1alpha.reflection_pb2 import ServerReflectionRequest, ServerReflectionResponse

from chassis.service import Service
from chassis.transport.reflection import V1, V1ALPHA, Reflection
from tests.security.house import SERVICES

VERSIONS = (V1, V1ALPHA)
MOVE_STAGE = "kith.sales.v1.Opportunities.MoveStage"


def reflection_of(service: Service) -> Reflection:
    found = {method.descriptor.containing_service.full_name: method for method in service.methods}
    return Reflection([method.descriptor.containing_service for method in found.values()])


@pytest.fixture(params=VERSIONS)
async def ask(request: pytest.FixtureRequest) -> AsyncIterator[Any]:
    """Sends bytes to sales under one of the two names, over a socket."""
    server = grpc.aio.server()
    for name, methods in reflection_of(SERVICES["sales"]).handlers().items():
        server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(name, methods),))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        talk: Any = channel.stream_stream(f"/{request.param}.ServerReflection/ServerReflectionInfo")

        async def asked(*questions: bytes) -> list[ServerReflectionResponse]:
            return [ServerReflectionResponse.FromString(raw) async for raw in talk(iter(questions), timeout=60)]

        yield asked
    await server.stop(None)


def files(reply: ServerReflectionResponse) -> list[FileDescriptorProto]:
    return [FileDescriptorProto.FromString(raw) for raw in reply.file_descriptor_response.file_descriptor_proto]


def symbol(name: str) -> bytes:
    raw: bytes = ServerReflectionRequest(file_containing_symbol=name).SerializeToString()
    return raw


@pytest.mark.parametrize("name", SERVICES)
def test_every_rpc_message_and_field_is_told_with_its_comment(name: str) -> None:
    reflection = reflection_of(SERVICES[name])
    wanted = {method.descriptor.full_name for method in SERVICES[name].methods}
    for file in {method.descriptor.containing_service.file.name for method in SERVICES[name].methods}:
        raw = ServerReflectionRequest(file_by_filename=file).SerializeToString()
        described = files(reflection.answer(raw, set()))[0]
        comments = {tuple(at.path): at.leading_comments for at in described.source_code_info.location}
        for full_name, path in parts(described):
            assert comments[path].strip(), full_name
            wanted.discard(full_name)
            assert files(reflection.answer(symbol(full_name), set()))[0].name == file, full_name
    assert not wanted


def parts(file: FileDescriptorProto) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Full name of whatever stands in a file and has a comment, and where it stands, as protoc counts."""
    for at, service in enumerate(file.service):
        yield f"{file.package}.{service.name}", (6, at)
        for inner, method in enumerate(service.method):
            yield f"{file.package}.{service.name}.{method.name}", (6, at, 2, inner)
    for at, message in enumerate(file.message_type):
        yield f"{file.package}.{message.name}", (4, at)
        for inner, one in enumerate(message.field):
            yield f"{file.package}.{message.name}.{one.name}", (4, at, 2, inner)
        for inner, enum in enumerate(message.enum_type):
            yield f"{file.package}.{message.name}.{enum.name}", (4, at, 4, inner)
            for innermost, value in enumerate(enum.value):
                yield f"{file.package}.{message.name}.{value.name}", (4, at, 4, inner, 2, innermost)


async def test_what_is_told_is_enough_to_call(ask: Any) -> None:
    (reply,) = await ask(symbol(MOVE_STAGE))
    pool, told = DescriptorPool(), {file.name: file for file in files(reply)}

    def add(name: str) -> None:
        if file := told.pop(name, None):
            for needed in file.dependency:
                add(needed)
            pool.Add(file)

    add(files(reply)[0].name)
    assert pool.FindMethodByName(MOVE_STAGE).output_type.full_name == "kith.sales.v1.Opportunity"


async def test_an_import_is_told_once_on_a_stream_and_what_is_asked_for_always(ask: Any) -> None:
    first, second, third = await ask(symbol(MOVE_STAGE), symbol(MOVE_STAGE), symbol("kith.sales.v1.Leads"))
    assert len(files(first)) > 5
    assert [file.name for file in files(second)] == ["kith/sales/v1/opportunity.proto"]
    assert {file.name for file in files(third)}.isdisjoint(file.name for file in files(first))


@pytest.mark.parametrize("version", VERSIONS)
async def test_it_describes_itself_by_the_name_it_was_asked_under(ask: Any, version: str) -> None:
    (reply,) = await ask(symbol(f"{version}.ServerReflection.ServerReflectionInfo"))
    pool = DescriptorPool()
    pool.Add(files(reply)[0])
    method = pool.FindServiceByName(f"{version}.ServerReflection").methods[0]
    assert method.input_type.full_name == f"{version}.ServerReflectionRequest"
    part = method.input_type.fields_by_name["file_containing_extension"].message_type
    assert part
    assert part.full_name == f"{version}.ExtensionRequest"


async def test_extensions_are_found_by_what_they_extend(ask: Any) -> None:
    extended = "google.protobuf.MethodOptions"
    numbers, unknown = await ask(
        ServerReflectionRequest(all_extension_numbers_of_type=extended).SerializeToString(),
        ServerReflectionRequest(all_extension_numbers_of_type="kith.sales.v1.Nothing").SerializeToString(),
    )
    assert unknown.error_response.error_code == grpc.StatusCode.NOT_FOUND.value[0]
    found = numbers.all_extension_numbers_response
    assert (found.base_type_name, 72295728 in found.extension_number) == (extended, True)  # google.api.http
    wanted = ServerReflectionRequest()
    wanted.file_containing_extension.containing_type = extended
    wanted.file_containing_extension.extension_number = 72295728
    (reply,) = await ask(wanted.SerializeToString())
    assert files(reply)[0].name == "google/api/annotations.proto"


NOT_FOUND, INVALID_ARGUMENT = grpc.StatusCode.NOT_FOUND, grpc.StatusCode.INVALID_ARGUMENT
BAD = {
    "an unknown symbol": (symbol("kith.sales.v1.Nothing"), NOT_FOUND),
    "what another service serves": (symbol("kith.contacts.v1.Contacts"), NOT_FOUND),
    "no symbol": (symbol(""), NOT_FOUND),
    "an unknown file": (ServerReflectionRequest(file_by_filename="../etc/passwd").SerializeToString(), NOT_FOUND),
    "an extension of nothing": (
        ServerReflectionRequest(file_containing_extension={"containing_type": "x", "extension_number": -1}),
        NOT_FOUND,
    ),
    "nothing": (b"", INVALID_ARGUMENT),
    "an empty question": (ServerReflectionRequest(host="here").SerializeToString(), INVALID_ARGUMENT),
    "garbage": (b"\xff\xff\xff", INVALID_ARGUMENT),
    "a symbol that is no text": (b"\x22\x02\xc3\x28", INVALID_ARGUMENT),
}


@pytest.mark.parametrize("what", BAD)
async def test_a_bad_question_is_answered_and_the_next_one_too(ask: Any, what: str) -> None:
    raw, code = BAD[what]
    question = raw if isinstance(raw, bytes) else raw.SerializeToString()
    refused, listed = await ask(question, ServerReflectionRequest(list_services="").SerializeToString())
    assert refused.error_response.error_code == code.value[0]
    assert "kith.sales.v1.Leads" in {one.name for one in listed.list_services_response.service}
