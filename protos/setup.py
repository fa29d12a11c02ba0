"""Builds kith-protos: makes the stubs on the way into the package."""

import re
import sys
from importlib.metadata import version
from pathlib import Path

from setuptools import find_namespace_packages, setup

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))  # an isolated build starts without the folder it builds

from generate import CONTRACT, generate  # noqa: E402  # found by the line above

STUBS = HERE / "build" / "stubs"
generate(STUBS, [])
(STUBS / CONTRACT).replace(STUBS / "kith" / CONTRACT)
made_by = re.search(r"Protobuf Python Version: (\S+)", (STUBS / "kith/v1/options_pb2.py").read_text(encoding="utf-8"))
if not made_by:
    raise SystemExit("protoc does not say its version in what it makes any more")

setup(
    package_dir={"": str(STUBS.relative_to(HERE))},
    packages=find_namespace_packages(str(STUBS)),
    package_data={"": ["*.pyi", "py.typed", CONTRACT]},
    install_requires=[
        f"grpcio>={version('grpcio-tools')}",
        f"protobuf>={made_by[1]}",
        "googleapis-common-protos",
        "protovalidate",
    ],
)
