"""Keeps the processes of the suite running: one detached process, the parent of all others, which end with it.

It holds `supervisor.lock` while it lives, does what `processes.json` says (again at SIGHUP), tells what it did in
`state.json`, starts anew whatever ends, later each time, and writes what its children say to `logs/`.
"""

import asyncio
import contextlib
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from chassis.database.binaries import as_user
from chassis.database.embedded import dies_with_parent
from cli.home import Home
from cli.process import Process

FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS = 0.1, 10.0
STEADY_SECONDS = 30.0  # whatever ran this long is started at once when it ends
DRAIN_SECONDS = 35.0  # services let running calls finish
LOCK_TRIES = 20
LARGEST_LOG, KEPT_LOGS = 10_000_000, 3
LOCK, WANTED, STATE = "supervisor.lock", "processes.json", "state.json"


class Log:
    """One file, moved aside when it is large."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._out = file.open("ab")

    def write(self, said: bytes) -> None:
        if self._out.tell() + len(said) > LARGEST_LOG:
            self._rotate()
        self._out.write(said)
        self._out.flush()

    def close(self) -> None:
        self._out.close()

    def _rotate(self) -> None:
        self._out.close()
        for number in range(KEPT_LOGS, 0, -1):
            older = self._file.with_suffix(f".log.{number}")
            newer = self._file if number == 1 else self._file.with_suffix(f".log.{number - 1}")
            if newer.exists():
                newer.replace(older)
        self._out = self._file.open("ab")


class Child:
    """One process and all its lives."""

    def __init__(self, process: Process, home: Home, changed: Callable[[], None]) -> None:
        self.process = process
        self._log, self._changed = Log(home.logs / f"{process.name}.log"), changed
        self._running: asyncio.subprocess.Process | None = None
        self._since, self._restarts, self._exit = 0.0, 0, 0
        self._ending = asyncio.Event()
        self._task = asyncio.create_task(self._live())

    @property
    def state(self) -> dict[str, Any]:
        pid = self._running.pid if self._running else None
        about = {"pid": pid, "since": self._since, "restarts": self._restarts, "exit": self._exit}
        return about | {"port": self.process.port, "version": self.process.version}

    async def stop(self) -> None:
        """Ask it to end, and make it after a while."""
        self._ending.set()
        self._tell(self._stop_signal)
        try:
            await asyncio.wait_for(asyncio.shield(self._task), DRAIN_SECONDS)
        except TimeoutError:
            self._tell(signal.SIGKILL)
            await self._task
        self._log.close()

    @property
    def _stop_signal(self) -> signal.Signals:
        return signal.SIGINT if self.process.unprivileged else signal.SIGTERM

    def _tell(self, number: signal.Signals) -> None:
        if self._running is not None and self._running.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._running.send_signal(number)

    async def _live(self) -> None:
        wait = FIRST_WAIT_SECONDS
        while not self._ending.is_set():
            began = time.monotonic()
            await self._once()
            if time.monotonic() - began > STEADY_SECONDS:
                wait = FIRST_WAIT_SECONDS
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._ending.wait(), wait)
            wait = min(LONGEST_WAIT_SECONDS, wait * 2)
            self._restarts += 1

    async def _once(self) -> None:
        said, says = os.pipe()  # our own: asyncio waits for the end of its pipes, which a worker left behind may hold
        try:
            self._running = running = await asyncio.create_subprocess_exec(
                *self.process.argv,
                cwd="/",
                env=self.process.environ,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=says,
                stderr=says,
                process_group=0,
                preexec_fn=dies_with_parent(self._stop_signal),
                **(as_user() if self.process.unprivileged else {}),
            )
        except OSError as error:
            self._log.write(f"cannot be started: {error}\n".encode())
            self._exit = 127
            os.close(said)
            return
        finally:
            os.close(says)
        if self._ending.is_set():  # asked to, while it was being started
            self._tell(self._stop_signal)
        self._since = time.time()
        self._changed()
        copying = asyncio.create_task(self._copy(said))
        self._exit = await running.wait()
        with contextlib.suppress(ProcessLookupError):
            os.killpg(running.pid, signal.SIGKILL)  # what a killed process left would keep its port
        await asyncio.wait([copying], timeout=1)  # a grandchild may hold the pipe open
        copying.cancel()
        self._running = None
        self._changed()

    async def _copy(self, said: int) -> None:
        reader = asyncio.StreamReader()
        reading, _ = await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(said, "rb", 0)
        )
        try:
            while some := await reader.read(65536):
                self._log.write(some)
        finally:
            reading.close()


class Supervisor:
    def __init__(self, home: Home) -> None:
        self._home = home
        self._children: dict[str, Child] = {}
        self._number = 0  # of what was asked last, so that whoever asked sees when it is done

    async def run(self) -> None:
        """Until SIGTERM or SIGINT."""
        stopping, wanted = asyncio.Event(), asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stopping.set)
        loop.add_signal_handler(signal.SIGHUP, wanted.set)
        wanted.set()
        ended = asyncio.create_task(stopping.wait())
        while not stopping.is_set():
            asked = asyncio.create_task(wanted.wait())
            await asyncio.wait([ended, asked], return_when=asyncio.FIRST_COMPLETED)
            asked.cancel()
            if wanted.is_set() and not stopping.is_set():
                wanted.clear()
                told = self._home.read(WANTED)
                await self._become([Process(**one) for one in told["processes"]])
                self._number = told["number"]
                self._tell()
        await self._become([])

    async def _become(self, wanted: list[Process]) -> None:
        """End what is not wanted or was something else, then start what is missing; PostgreSQL goes last."""
        by_name = {process.name: process for process in wanted}
        gone = [child for name, child in self._children.items() if by_name.get(name) != child.process]
        for last in (False, True):
            await asyncio.gather(*(child.stop() for child in gone if child.process.unprivileged is last))
        for child in gone:
            del self._children[child.process.name]
        for name, process in by_name.items():
            if name not in self._children:
                self._children[name] = Child(process, self._home, self._tell)
        self._tell()

    def _tell(self) -> None:
        about = {name: child.state for name, child in self._children.items()}
        self._home.write(STATE, {"pid": os.getpid(), "number": self._number, "processes": about})


def main() -> None:
    """`python -m cli.supervisor HOME`; goes on in the background, unless another one runs there."""
    if os.fork():
        os._exit(0)  # whoever started us need not stay, and is not our parent
    home = Home(Path(sys.argv[1]))
    for _ in range(LOCK_TRIES):  # whoever looks whether we run holds the lock for a moment
        with home.alone(LOCK) as alone:
            if alone:
                asyncio.run(Supervisor(home).run())
                (home.folder / STATE).unlink(missing_ok=True)
                return
        time.sleep(0.05)
    sys.exit(3)


if __name__ == "__main__":
    main()
