"""Every command on the administrator's, operator's and integrator's pages does what it says."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.pages import Page, pages
from tests.e2e.people import another_tenant
from tests.e2e.suite import Suite, ok

SECONDS = 600
ABOUT_KAFKA = {"operator/faults.md"}
WITH_A_PROVIDER = {"operator/single-sign-on.md"}  # run beside one by test_single_sign_on
PAGES = pages()


@pytest.fixture
def bin(tmp_path: Path) -> Path:
    """A folder with `kith` in it."""
    folder = tmp_path / "bin"
    folder.mkdir()
    kith = folder / "kith"
    kith.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m cli "$@"\n')
    kith.chmod(0o755)
    return folder


@pytest.mark.parametrize(
    "page", [one for one in PAGES if one.name not in ABOUT_KAFKA | WITH_A_PROVIDER], ids=lambda page: page.name
)
def test_every_command_of_a_page_runs_to_its_end(suite: Suite, tmp_path: Path, bin: Path, page: Page) -> None:
    run(suite, tmp_path, bin, page)


@pytest.mark.kafka
@pytest.mark.parametrize("page", [one for one in PAGES if one.name in ABOUT_KAFKA], ids=lambda page: page.name)
def test_every_command_of_a_page_about_kafka_runs_to_its_end(
    on_kafka: Suite, tmp_path: Path, bin: Path, page: Page
) -> None:
    run(on_kafka, tmp_path, bin, page)


def run(suite: Suite, folder: Path, bin: Path, page: Page) -> None:
    """As one script, by the admin of a tenant that nobody else uses; the variables are not exported."""
    with suite.client(another_tenant(suite)) as admin:
        key = ok(admin.post("/v1/apiKeys", json={"displayName": page.name}))["secret"]
    script = "\n".join([f"KITH_URL='{suite.demo['url']}' KITH_API_KEY='{key}'", *page.commands])
    here = folder / "here"
    here.mkdir()
    told = suite.environ | {"PATH": f"{bin}{os.pathsep}{os.environ['PATH']}", "LC_ALL": "C.UTF-8", "NO_PROXY": "*"}
    ran = subprocess.run(
        ["sh", "-eu", "-c", script], env=told, cwd=here, capture_output=True, text=True, check=False, timeout=SECONDS
    )
    assert ran.returncode == 0, ran.stdout[-2000:] + ran.stderr[-2000:]
