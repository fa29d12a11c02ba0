"""Asks buf whether the contract is well formed, and whether it still fits what a commit of the past has promised.

    python protos/lint.py [--against origin/main]      against the last release, unless told otherwise

buf comes from npm by npx. Where there is none, this says so and fails.
"""

import argparse
import io
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # to be run as a file, from anywhere

from protos.generate import HERE, contract  # found by the line above

BUF = "@bufbuild/buf@1.75.0"


def lint(against: str = "", protos: Path = HERE, repository: Path = HERE.parent) -> list[str]:
    """What buf objects to, one line each. `against` names a commit of `repository` whose clients must not break.

    Raises FileNotFoundError without npx, ValueError where protoc refuses, RuntimeError where buf itself fails.
    """
    with tempfile.TemporaryDirectory() as scratch:
        ours = Path(scratch) / "ours.binpb"
        ours.write_bytes(contract([protos]))
        objections = _buf("lint", str(ours))
        if against:
            theirs = Path(scratch) / "theirs.binpb"
            theirs.write_bytes(_contract_of(repository, against, Path(scratch) / "past"))
            objections += _buf("breaking", str(ours), "--against", str(theirs))
        return objections


def last_release(repository: Path = HERE.parent) -> str:
    """The newest tag `v1.2.3` that we come after; empty before the first, or where the tags were not fetched."""
    asked = ["git", "-C", str(repository), "describe", "--tags", "--abbrev=0", "--match", "v[0-9]*"]
    return subprocess.run(asked, capture_output=True, text=True, check=False).stdout.strip()


def _buf(command: str, *arguments: str) -> list[str]:
    npx = shutil.which("npx")
    if not npx:
        raise FileNotFoundError("buf comes by npx, and there is no npx on the PATH: install Node.js")
    done = subprocess.run(
        [npx, "--yes", BUF, command, *arguments, "--config", str(HERE / "buf.yaml")], capture_output=True, text=True
    )
    if done.returncode not in (0, 100):  # 100: it has objections
        raise RuntimeError(f"buf {command} failed: {done.stderr.strip()}")
    return done.stdout.splitlines()


def _contract_of(repository: Path, commit: str, folder: Path) -> bytes:
    archive = ["git", "-C", str(repository), "archive", commit, "protos/kith"]
    packed = subprocess.run(archive, capture_output=True, check=True).stdout
    with tarfile.open(fileobj=io.BytesIO(packed)) as files:
        files.extractall(folder, filter="data")
    return contract([folder / "protos"])


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--against", default=last_release(), help="a commit whose clients must not break")
    found = lint(parser.parse_args().against)
    sys.exit("\n".join(found) if found else 0)
