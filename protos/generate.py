"""Builds the stubs: every .proto below this folder into one folder of modules with types, nothing of it committed.

    python protos/generate.py [--out protos/gen] [--only FOLDER …]

buf/validate/validate.proto travels compiled inside the protovalidate wheel; protoc takes it from there as a fallback
for imports (`--descriptor_set_in` beside `-I`), so that nothing third-party is copied into the repository. The same
run writes `contract.binpb`, the descriptor set with comments that the gateway reads.
"""

import argparse
import sys
import sysconfig
import tempfile
from pathlib import Path

from google.protobuf import descriptor_pb2, duration_pb2, field_mask_pb2, timestamp_pb2
from grpc_tools import protoc  # type: ignore[import-untyped]  # ships no types
from protovalidate._gen.buf.validate import validate_pb

HERE = Path(__file__).parent
CONTRACT = "contract.binpb"


def generate(out: Path, only: list[Path]) -> None:
    """Replace `out` by the stubs of this folder, or of `only` such others that build on it.

    Exits with protoc's own words when it refuses.
    """
    roots = only or [HERE]
    with tempfile.TemporaryDirectory() as scratch:
        fresh = Path(scratch)
        plugins = Path(sys.executable).parent
        code = _protoc(
            [*roots, HERE],
            [
                *(f"--plugin=protoc-gen-{name}={plugins / f'protoc-gen-{name}'}" for name in ("mypy", "mypy_grpc")),
                *(f"--{kind}_out={fresh}" for kind in ("python", "grpc_python")),
                *(f"--{kind}_out=quiet:{fresh}" for kind in ("mypy", "mypy_grpc")),
                *_described(fresh / CONTRACT),
                *_files(roots),
                *([] if only else ["buf/validate/validate.proto"]),
            ],
        )
        if code:
            raise SystemExit(code)
        for folder in (fresh / "kith").rglob("*"):
            if folder.is_dir():
                (folder / "py.typed").touch()
        _mirror(fresh, out)


def contract(roots: list[Path]) -> bytes:
    """The descriptor set with comments of the first root, and of what it imports from the others and from here.

    Raises ValueError when protoc refuses; its words are on stderr.
    """
    with tempfile.TemporaryDirectory() as scratch:
        out = Path(scratch) / CONTRACT
        if _protoc([*roots, HERE], [*_described(out), *_files(roots[:1])]):
            raise ValueError(f"protoc refuses {roots[0]}")
        return out.read_bytes()


def _protoc(roots: list[Path], arguments: list[str]) -> int:
    with tempfile.NamedTemporaryFile(suffix=".binpb") as rules:
        rules.write(_rules())
        rules.flush()
        third_party = [Path(sysconfig.get_path("purelib")), Path(protoc.__file__).parent / "_proto"]
        paths = [f"-I{root}" for root in dict.fromkeys([*roots, *third_party])]
        return int(protoc.main(["protoc", *paths, f"--descriptor_set_in={rules.name}", *arguments]))


def _described(out: Path) -> list[str]:
    return [f"--descriptor_set_out={out}", "--include_imports", "--include_source_info"]


def _files(roots: list[Path]) -> list[str]:
    return [str(file) for root in roots for file in sorted((root / "kith").rglob("*.proto"))]


def _mirror(fresh: Path, out: Path) -> None:
    """Make `out` equal to `fresh`, touching only what differs: others may be importing from it."""
    wanted = {file.relative_to(fresh): file.read_bytes() for file in fresh.rglob("*") if file.is_file()}
    for file in [file for file in out.rglob("*") if file.is_file() and file.suffix != ".pyc"]:
        if file.relative_to(out) not in wanted:
            file.unlink()
    for place, content in wanted.items():
        file = out / place
        if not file.exists() or file.read_bytes() != content:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)


def _rules() -> bytes:
    files = descriptor_pb2.FileDescriptorSet()
    for module in (descriptor_pb2, duration_pb2, field_mask_pb2, timestamp_pb2):
        module.DESCRIPTOR.CopyToProto(files.file.add())
    files.file.append(descriptor_pb2.FileDescriptorProto.FromString(validate_pb._DESC.proto.to_binary()))
    return files.SerializeToString()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=HERE / "gen")
    parser.add_argument("--only", type=Path, nargs="*", default=[])
    said = parser.parse_args()
    generate(said.out, said.only)
