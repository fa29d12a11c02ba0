"""What the protos say of each thing: its leading comment, by full name."""

from collections.abc import Iterable, Iterator

from google.protobuf.descriptor_pb2 import DescriptorProto, EnumDescriptorProto, FileDescriptorProto

Named = Iterator[tuple[str, tuple[int, ...]]]  # full name, and the path that source info knows it by


def comments(files: Iterable[FileDescriptorProto]) -> dict[str, str]:
    return {name: text for file in files for name, text in _of_file(file)}


def _of_file(file: FileDescriptorProto) -> Iterator[tuple[str, str]]:
    said = {
        tuple(where.path): _paragraphs(where.leading_comments)
        for where in file.source_code_info.location
        if where.leading_comments
    }
    for name, path in _everything(file):
        if path in said:
            yield name, said[path]


def _paragraphs(comment: str) -> str:
    """Lines are broken where the proto file was full; an empty line ends a paragraph."""
    lines = "\n".join(line.strip() for line in comment.strip().splitlines())
    return "\n\n".join(part.replace("\n", " ") for part in lines.split("\n\n"))


def _everything(file: FileDescriptorProto) -> Named:
    for n, message in enumerate(file.message_type):
        yield from _within(f"{file.package}.{message.name}", (4, n), message)
    for n, enum in enumerate(file.enum_type):
        yield from _values(f"{file.package}.{enum.name}", (5, n), enum)
    for n, service in enumerate(file.service):
        yield f"{file.package}.{service.name}", (6, n)
        for m, rpc in enumerate(service.method):
            yield f"{file.package}.{service.name}.{rpc.name}", (6, n, 2, m)


def _within(prefix: str, path: tuple[int, ...], message: DescriptorProto) -> Named:
    yield prefix, path
    for n, field in enumerate(message.field):
        yield f"{prefix}.{field.name}", (*path, 2, n)
    for n, nested in enumerate(message.nested_type):
        yield from _within(f"{prefix}.{nested.name}", (*path, 3, n), nested)
    for n, enum in enumerate(message.enum_type):
        yield from _values(f"{prefix}.{enum.name}", (*path, 4, n), enum)


def _values(prefix: str, path: tuple[int, ...], enum: EnumDescriptorProto) -> Named:
    """Values are named below their enum here, so that two enums may each have an OPEN."""
    yield prefix, path
    for n, value in enumerate(enum.value):
        yield f"{prefix}.{value.name}", (*path, 2, n)
