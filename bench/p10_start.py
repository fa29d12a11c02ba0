"""P10: from `kith up` to the first answered request, and how much memory each process of the suite takes."""

import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil

from bench.arena import ROOT
from chassis.config import PORTS
from chassis.database.embedded import free_port
from cli.control import state_of
from cli.home import Home
from cli.process import POSTGRES
from cli.suite import variable_of_port

SECONDS, MEGABYTES = 15.0, 110.0


def main() -> None:
    with suite() as (home, seconds):
        used = memory(home)
    worst = max(used, key=lambda name: used[name])
    each = ", ".join(f"{name} {megabytes:.0f}" for name, megabytes in sorted(used.items(), key=lambda one: -one[1]))
    _say("P10a", seconds, SECONDS, "s", "kith up to the first answer")
    _say("P10b", used[worst], MEGABYTES, "MB", f"PSS: {each}")


@contextmanager
def suite() -> Iterator[tuple[Home, float]]:
    """A suite of its own, with the seconds it took to answer; stopped afterwards."""
    with TemporaryDirectory(prefix="kith-bench-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        paths = [str(ROOT / part) for part in (".", "services", "protos/gen")]
        told = {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "KITH_HOME": folder}
        told |= {variable_of_port(name): str(free_port()) for name in PORTS}
        home, began = Home(Path(folder)), time.perf_counter()
        try:
            _kith("up", told)
            _first_answer(home)
            yield home, time.perf_counter() - began
        finally:
            _kith("down", told)


def _kith(command: str, told: dict[str, str]) -> None:
    """Raises CalledProcessError."""
    subprocess.run([sys.executable, "-m", "cli", command], cwd=ROOT, env=told, check=True, stdout=subprocess.DEVNULL)


def _first_answer(home: Home) -> None:
    """Raises URLError."""
    access = home.read("demo.json")
    asked = urllib.request.Request(
        f"{access['url']}/v1/leads", headers={"Authorization": f"Bearer {access['api_key']}"}
    )
    with urllib.request.urlopen(asked, timeout=30) as answered:
        answered.read()


def memory(home: Home) -> dict[str, float]:
    """Of each process that the suite runs: megabytes of its own, and its share of what it has in common with others."""
    found = {}
    for name, about in state_of(home).items():
        if name == POSTGRES:
            continue
        process = psutil.Process(about["pid"])
        for at, one in enumerate([process, *process.children(recursive=True)]):
            found[f"{name}'s worker" if at else name] = one.memory_full_info().pss / 1e6
    return found


def _say(name: str, found: float, goal: float, unit: str, more: str) -> None:
    print(f"{name} {found:.0f}{unit} goal<={goal:g}{unit} {'ok' if found <= goal else 'MISSED'}  ({more})", flush=True)


if __name__ == "__main__":
    main()
