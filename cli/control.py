"""How a command speaks with the supervisor: whether it runs, what it is to run, what it says."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from cli.home import ROOT, SOURCES, Home, Trouble
from cli.process import POSTGRES, Process
from cli.supervisor import LOCK, STATE, WANTED

START_SECONDS, STOP_SECONDS = 60.0, 90.0


def running(home: Home) -> int:
    """The supervisor's process; 0 if none runs."""
    if not home.folder.exists():
        return 0
    with home.alone(LOCK) as free:
        return 0 if free else int(home.read(STATE).get("pid", -1))


def state_of(home: Home) -> dict[str, dict[str, Any]]:
    """What became of each process, as the last supervisor told it, which may be gone."""
    found: dict[str, dict[str, Any]] = home.read(STATE).get("processes", {})
    return found


def wanted(home: Home) -> list[Process]:
    """What the supervisor that runs is to run."""
    return [Process(**one) for one in home.read(WANTED).get("processes", [])] if running(home) else []


def want(home: Home, processes: list[Process]) -> None:
    """Have the supervisor run just these; it is started if it does not run. Nothing happens if they do already.

    Returns when all were started, whatever became of them; raises Trouble if the supervisor does not get so far.
    """
    pid = running(home)
    if pid and wanted(home) == processes:
        return
    number = home.read(WANTED).get("number", 0) + 1
    if not pid:
        (home.folder / STATE).unlink(missing_ok=True)  # of one that was killed
    home.write(WANTED, {"number": number, "processes": [process.as_json() for process in processes]})
    if pid:
        os.kill(pid, signal.SIGHUP)
    else:
        _start(home)
    seconds = STOP_SECONDS if pid else START_SECONDS  # those that are to go may have calls to finish
    trouble = f"The supervisor does not do what it should; see {home.logs / 'supervisor.log'}."
    until(lambda: home.read(STATE).get("number") == number, seconds, trouble)


def _start(home: Home) -> None:
    with (home.logs / "supervisor.log").open("ab") as log:
        subprocess.run(
            [sys.executable, "-m", "cli.supervisor", str(home.folder)],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": ":".join(map(str, SOURCES))},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            check=True,
        )


@contextmanager
def only_command(home: Home) -> Iterator[None]:
    """Raises Trouble while another command is starting or stopping things."""
    with home.alone("command.lock") as alone:
        if not alone:
            raise Trouble(f"Another `kith up` or `kith down` is at work in {home.folder}.")
        yield


def down(home: Home) -> bool:
    """Stop everything; whether anything ran. Raises Trouble if it does not stop."""
    if not home.folder.exists():
        return False
    with only_command(home):
        return stop(home)


def stop(home: Home) -> bool:
    """End the supervisor and all it runs; whether one ran. Raises Trouble if it does not end."""
    pid = running(home)
    if pid:
        os.kill(pid, signal.SIGTERM)
        until(lambda: not running(home), STOP_SECONDS, f"The supervisor (process {pid}) does not stop.")
    return bool(pid)


def restart(home: Home, names: Iterable[str]) -> None:
    """End processes; the supervisor starts them anew. Raises Trouble for one that does not run."""
    processes = state_of(home) if running(home) else {}
    for name in names:
        if not processes.get(name, {}).get("pid"):
            raise Trouble(f"{name} does not run.")
        os.kill(processes[name]["pid"], signal.SIGINT if name == POSTGRES else signal.SIGTERM)


def last_words(home: Home, name: str) -> str:
    lines = [line for line in tail(home, name).splitlines() if line.strip()]
    return lines[-1].strip().rstrip(".")[:300] if lines else "it said nothing"


def tail(home: Home, name: str) -> str:
    """The end of what a process said."""
    file = home.logs / f"{name}.log"
    return file.read_bytes()[-8000:].decode(errors="replace") if file.exists() else ""


def until(done: Callable[[], bool], seconds: float, otherwise: str | Callable[[], str]) -> None:
    """Raises Trouble saying `otherwise` when it is not done in time."""
    end = time.monotonic() + seconds
    while not done():
        if time.monotonic() > end:
            raise Trouble(otherwise if isinstance(otherwise, str) else otherwise())
        time.sleep(0.05)
