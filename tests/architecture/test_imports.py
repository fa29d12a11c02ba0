"""Imports only point down: each contract of pyproject.toml holds, and each is seen broken once."""

import ast
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SERVICES = ("identity", "contacts", "sales", "service_desk", "marketing")
PACKAGES = [ROOT / "chassis", ROOT / "gateway", *(ROOT / "services" / name for name in SERVICES)]
# The stubs the chassis may know: what every service shares, and how somebody becomes known.
CHASSIS_STUBS = ("kith.v1", "kith.identity.v1.authentication_pb2", "kith.identity.v1.sharing_pb2")

# Contract → a module that breaks it, and what stands in there.
BROKEN = {
    "services-apart": ("services/sales/lead/stray.py", "import contacts.contact.contact"),
    "app-on-top": ("services/sales/lead/stray.py", "import sales.app"),
    "consumers-above-verbs": ("services/sales/lead/stray.py", "import sales.consumers.identity"),
    "rules-are-pure": ("services/sales/stray/rules.py", "import chassis.database.session"),
    "chassis-below-all": ("chassis/stray.py", "import sales.lead.lead"),
    "gateway-apart": ("gateway/stray.py", "import sales.lead.lead"),
    "views-alone": ("gateway/stray.py", "import gateway.views.parts"),
}


def lint(where: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(str(where / one) for one in (".", "services"))}
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-logo", "--no-cache", *arguments]
    return subprocess.run(command, cwd=where, env=environ, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The packages as they are, for a stray module to be put into."""
    where = tmp_path_factory.mktemp("copy")
    for package in PACKAGES:
        shutil.copytree(package, where / package.relative_to(ROOT), ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", where)
    return where


def test_every_contract_is_kept() -> None:
    done = lint(ROOT)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{len(BROKEN)} kept, 0 broken" in done.stdout


@pytest.mark.parametrize("contract", BROKEN)
def test_a_stray_import_breaks_its_contract(copy: Path, contract: str) -> None:
    file, line = BROKEN[contract]
    stray = copy / file
    stray.parent.mkdir(exist_ok=True)
    made = [one for one in (stray.parent / "__init__.py", stray) if not one.exists()]
    (stray.parent / "__init__.py").touch()
    stray.write_text(f'"""Where it does not belong."""\n\n{line}\n')
    done = lint(copy, "--contract", contract)
    for one in made:
        one.unlink()
    assert done.returncode == 1
    assert "0 kept, 1 broken" in done.stdout


def imported(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def strange(file: Path, known: tuple[str, ...]) -> list[str]:
    """The stubs it imports that are none of `known`."""
    stubs = [name for name in imported(file) if name.partition(".")[0] == "kith"]
    return [name for name in stubs if not name.startswith(known)]


@pytest.mark.parametrize(("package", "known"), [("chassis", CHASSIS_STUBS), ("gateway", ("kith.v1",))])
def test_no_noun_is_known_by_its_stub(package: str, known: tuple[str, ...]) -> None:
    assert {str(file): strange(file, known) for file in (ROOT / package).rglob("*.py") if strange(file, known)} == {}


def test_a_stray_stub_is_seen(tmp_path: Path) -> None:
    stray = tmp_path / "stray.py"
    stray.write_text("from kith.sales.v1 import lead_pb2\nfrom kith.v1 import money_pb2\n")
    assert strange(stray, CHASSIS_STUBS) == ["kith.sales.v1.lead_pb2"]
