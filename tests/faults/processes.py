"""The suite's processes as a fault meets them: which pid one has, when it is ready again, one run by hand."""

import os
import re
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from cli import control
from cli.health import SERVING, health_of
from cli.home import Home
from cli.process import Process
from tests.e2e.suite import Suite, until

READY_SECONDS = 180.0  # promised are 5; this machine may be busy with much else
REACHED_SECONDS = 240.0


def pid_of(suite: Suite, name: str) -> int:
    """0 while it does not run."""
    return control.state_of(Home(suite.home))[name]["pid"] or 0


def address_of(suite: Suite, name: str) -> str:
    return f"127.0.0.1:{control.state_of(Home(suite.home))[name]['port']}"


def end(suite: Suite, name: str, how: signal.Signals) -> float:
    """Send a signal; the seconds until another process of that name serves. Raises AssertionError after a minute."""
    pid, began = pid_of(suite, name), time.monotonic()
    os.kill(pid, how)
    until(lambda: pid_of(suite, name) not in (0, pid), READY_SECONDS)
    until(lambda: health_of(name, address_of(suite, name)) == SERVING, READY_SECONDS)
    return time.monotonic() - began


@contextmanager
def by_hand(suite: Suite, names: Sequence[str]) -> Iterator[dict[str, Process]]:
    """Take processes out of the supervisor's hands; they are given back when the block ends."""
    home = Home(suite.home)
    every = control.wanted(home)
    control.want(home, [one for one in every if one.name not in names])
    try:
        yield {one.name: one for one in every if one.name in names}
    finally:
        control.want(home, every)
        for name in names:
            until(lambda name=name: health_of(name, address_of(suite, name)) == SERVING, READY_SECONDS)  # type: ignore[misc]  # a default is no annotation


def killed_at_each(process: Process, points: Sequence[str]) -> None:
    """One life after the other."""
    for point in points:
        killed_at(process, point)


def killed_at(process: Process, point: str) -> None:
    """Run it until it kills itself at `point`. Raises AssertionError where it does not come by, or ends otherwise."""
    with tempfile.TemporaryFile() as said:
        run = started(process, {"KITH_CRASH": f"{point}=1"}, said.fileno())
        try:
            code = run.wait(REACHED_SECONDS)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"{process.name} never came to {point}") from None
        finally:
            stop(run)
        said.seek(0)
        told = said.read().decode(errors="replace")
    assert code == -signal.SIGKILL, told[-2000:]
    assert re.findall(r"^killed at (\w+)$", told, re.MULTILINE) == [point], told[-2000:]


def started(process: Process, more: dict[str, str], out: int) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        process.argv, cwd="/", env={**process.environ, **more}, stdin=subprocess.DEVNULL, stdout=out, stderr=out
    )


def stop(run: "subprocess.Popen[bytes]") -> None:
    """Ask, then make it."""
    run.terminate()
    try:
        run.wait(30)
    except subprocess.TimeoutExpired:
        run.kill()
        run.wait()
