"""`kith-protos` is built from its folder alone, and works where nothing else of the suite is installed."""

import shutil
import subprocess
import sys
import venv
from pathlib import Path

from protos.generate import HERE

# What a client far away does first, and all that it must not need.
CLIENT = """
import importlib
from importlib.resources import files
from pathlib import Path

import grpc, kith, protovalidate
from google.protobuf.descriptor_pb2 import FileDescriptorSet

(home,) = map(Path, kith.__path__)
modules = sorted(home.rglob("*_pb2*.py"))
for module in modules:
    importlib.import_module(".".join(["kith", *module.relative_to(home).with_suffix("").parts]))
    assert module.with_suffix(".pyi").is_file() and module.with_name("py.typed").is_file(), module
described = FileDescriptorSet.FromString(files("kith").joinpath("contract.binpb").read_bytes())
assert any(place.leading_comments for file in described.file for place in file.source_code_info.location)

from kith.sales.v1.opportunity_pb2 import CreateOpportunityRequest
from kith.sales.v1.opportunity_pb2_grpc import OpportunitiesStub

request = CreateOpportunityRequest(id="nonsense")
assert {v.proto.rule_id for v in protovalidate.collect_violations(request)} == {"required", "string.uuid"}
with grpc.insecure_channel("127.0.0.1:1") as channel:
    assert OpportunitiesStub(channel).CreateOpportunity
print(len(modules))
"""


def test_a_client_needs_the_package_and_nothing_else(tmp_path: Path) -> None:
    source, wheels, home = tmp_path / "protos", tmp_path / "wheels", tmp_path / "venv"
    shutil.copytree(HERE, source, ignore=shutil.ignore_patterns("gen", "build", "*.egg-info"))
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
    _run(*pip, "wheel", "--no-build-isolation", "--no-deps", "--wheel-dir", str(wheels), str(source))
    (wheel,) = wheels.glob("kith_protos-*-py3-none-any.whl")
    venv.create(home, with_pip=False)
    python = str(home / "bin" / "python")
    _run(*pip, "--python", python, "install", "--prefer-binary", str(wheel))
    contract_files = len(list((HERE / "kith").rglob("*.proto")))
    assert int(_run(python, "-I", "-c", CLIENT)) == 2 * contract_files


def _run(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
