"""A process that ended is started anew, whatever it left behind."""

import asyncio
import os
import signal
from pathlib import Path

from cli.home import Home
from cli.process import Process
from cli.supervisor import Child

# Like granian's workers: one of its own goes on, and holds what its parent wrote to.
LEAVES_A_WORKER = ["/bin/sh", "-c", "sleep 60 & exec sleep 60"]


async def test_a_killed_process_is_started_anew_though_its_worker_lives_on(tmp_path: Path) -> None:
    home, changed = Home(tmp_path), asyncio.Event()
    home.make()
    child = Child(Process("gateway", LEAVES_A_WORKER, {}, 1, "1"), home, changed.set)
    try:
        async with asyncio.timeout(60):
            first = await _running(child, changed, 0)
            os.kill(first, signal.SIGKILL)
            await _running(child, changed, first)
    finally:
        await child.stop()


async def _running(child: Child, changed: asyncio.Event, but: int) -> int:
    while child.state["pid"] in (None, but):
        changed.clear()
        await changed.wait()
    pid: int = child.state["pid"]
    return pid
