"""Programs of partners in Python, Java and Node: what each needs to run, fetched once, and how it is run."""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.contract.node import installed
from tests.e2e.suite import ROOT, until

CONSUMERS = ROOT / "docs" / "examples" / "consumers"
LONGEST_SECONDS = 240


@dataclass(frozen=True)
class Program:
    """How to start one, and where it finds what it imports."""

    command: list[str]
    environ: dict[str, str]
    folder: Path


def python() -> Program:
    """As installed with kith-protos."""
    source = CONSUMERS / "python" / "consumer.py"
    return Program([sys.executable, str(source)], {"PYTHONPATH": str(ROOT / "protos" / "gen")}, source.parent)


def java() -> Program:
    """By the packages its pom names. Skips the test without a JDK or Maven."""
    maven, runtime = shutil.which("mvn"), shutil.which("java")
    if not maven or not runtime:
        pytest.skip("needs a JDK and Maven")
    source = CONSUMERS / "java" / "Consumer.java"
    pom = source.with_name("pom.xml")
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "kith"
    jars = cache / f"java-{hashlib.sha256(pom.read_bytes()).hexdigest()[:12]}"
    if not jars.is_dir():
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache) as scratch:
            copy = [
                maven,
                "-q",
                "-B",
                "-f",
                str(pom),
                "dependency:copy-dependencies",
                f"-DoutputDirectory={scratch}/jars",
            ]
            done = subprocess.run(copy, capture_output=True, text=True, timeout=300)
            assert done.returncode == 0, done.stdout + done.stderr
            (Path(scratch) / "jars").rename(jars)
    return Program([runtime, "-Xmx256m", "-cp", f"{jars}/*", str(source)], {}, source.parent)


def node(scratch: Path) -> Program:
    """In a folder beside its packages: modules are looked for from where the program lies."""
    source = CONSUMERS / "node" / "consumer.mjs"
    modules = installed(source.with_name("package.json"))
    copied = Path(shutil.copy(source, scratch))
    (scratch / "node_modules").symlink_to(modules)
    return Program(["node", str(copied)], {}, scratch)


def lines_of(program: Program, done: Callable[[], object], **told: str) -> list[str]:
    """What it printed until it was `done` and was ended by a SIGTERM; it must not end before, nor complain."""
    environ = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", **program.environ, **told}
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as complaints:
        with subprocess.Popen(program.command, env=environ, stdout=out, stderr=complaints) as child:
            try:
                until(lambda: child.poll() is not None or done(), LONGEST_SECONDS)
                early = child.poll()
            finally:
                child.terminate()
        out.seek(0)
        complaints.seek(0)
        said = complaints.read()
        assert (early, said) == (None, "")
        return out.read().splitlines()
