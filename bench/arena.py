"""Two servers over one database, asked in turns: the floor and ours; what counts is the ratio of their CPU per call."""

import asyncio
import itertools
import os
import statistics
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import Any

import grpc
import psutil
import uvloop
from google.protobuf.message import Message

from bench import authority
from bench.leads import seed
from chassis.database.embedded import embedded_postgres
from chassis.testing.postgres import Postgres, Urls, free_port
from sales.app import SERVICE

ROOT = Path(__file__).parents[1]
ROWS, STREAMS = 20_000, 16
START_SECONDS = 30
ROUNDS, TURNS = int(os.environ.get("KITH_BENCH_ROUNDS", "9")), 10
SETTINGS = {"shared_buffers": "256MB", "synchronous_commit": "off", "max_connections": "100"}
SIDES = {"floor": "bench.floor", "ours": "bench.ours"}
Spent = dict[str, float]  # µs by side


@dataclass(frozen=True)
class Duel:
    """One path: `asked` makes the n-th request out of the ids there are; `goal` is the most the ratio may be."""

    name: str
    method: str
    reply: type[Message]
    asked: Callable[[int, list[str]], Message]
    calls: int
    goal: float


@contextmanager
def postgres() -> Iterator[Postgres]:
    """A server with the disk taken out: both sides would wait for it alike."""
    with TemporaryDirectory(prefix="kith-bench-", ignore_cleanup_errors=True) as home:
        Path(home).chmod(0o755)
        with embedded_postgres(Path(home) / "postgres", free_port(), SETTINGS) as url:
            yield Postgres(url)


@asynccontextmanager
async def servers(urls: Urls) -> AsyncIterator[dict[str, tuple[psutil.Process, grpc.aio.Channel]]]:
    """Both sides as processes of their own, ready to answer."""
    sides: dict[str, tuple[psutil.Process, grpc.aio.Channel]] = {}
    with ExitStack() as processes:
        for side in SIDES:
            address = f"127.0.0.1:{free_port()}"
            process = processes.enter_context(backend(side, urls, address))
            sides[side] = process, grpc.aio.insecure_channel(address)
        try:
            for _, channel in sides.values():
                await asyncio.wait_for(channel.channel_ready(), START_SECONDS)
            yield sides
        finally:
            for _, channel in sides.values():
                await channel.close()


def backend(side: str, urls: Urls, address: str) -> AbstractContextManager[psutil.Process]:
    """The gRPC server of a side, until the block ends."""
    return process_of(SIDES[side], urls.app if side == "ours" else urls.admin, address)


@contextmanager
def process_of(
    module: str, *arguments: str, told: Mapping[str, str] = MappingProxyType({})
) -> Iterator[psutil.Process]:
    """`python -m module`, started, until the block ends."""
    paths = [str(ROOT / part) for part in (".", "services", "protos/gen")]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths), **told}
    with subprocess.Popen([sys.executable, "-m", module, *arguments], cwd=ROOT, env=environment) as started:
        try:
            yield psutil.Process(started.pid)
        finally:
            started.terminate()


async def fight(duel: Duel, sides: dict[str, tuple[psutil.Process, grpc.aio.Channel]], ids: list[str]) -> list[Spent]:
    """CPU per call of each round; the first round warms up and does not count."""
    metadata = (("authorization", f"Bearer {authority.token()}"), ("traceparent", authority.TRACEPARENT))
    asks: dict[str, Any] = {
        side: channel.unary_unary(duel.method, lambda message: message.SerializeToString(), duel.reply.FromString)
        for side, (_, channel) in sides.items()
    }

    async def cpu(side: str) -> float:
        process, numbers = sides[side][0], itertools.islice(counted[side], duel.calls // TURNS)

        async def stream() -> None:
            for n in numbers:
                await asks[side](duel.asked(n, ids), timeout=30, metadata=metadata)

        before = cpu_seconds(process)
        await asyncio.gather(*(stream() for _ in range(STREAMS)))
        return cpu_seconds(process) - before

    counted = {side: itertools.count() for side in SIDES}
    rounds = []
    for round in range(ROUNDS + 1):
        spent = dict.fromkeys(SIDES, 0.0)
        for turn in range(TURNS):  # short ones, so that whatever else the machine does weighs on both alike
            for side in sorted(SIDES, reverse=bool(turn % 2)):
                spent[side] += await cpu(side)
        if round:
            rounds.append({side: seconds / (duel.calls // TURNS * TURNS) * 1e6 for side, seconds in spent.items()})
    return rounds


def cpu_seconds(process: psutil.Process) -> float:
    """What its threads have had so far; by the kernel's own clock where there is one, which counts in nanoseconds."""
    if sys.platform == "linux":
        return time.clock_gettime(~process.pid << 3 | 2)  # CPUCLOCK_SCHED of the process, see clock_getcpuclockid(3)
    return sum(process.cpu_times()[:2])


def verdict(name: str, ratio: float, goal: float, *, at_least: bool = False, more: str = "") -> str:
    """`P1 1.42x goal<=1.5x ok`."""
    met = ratio >= goal if at_least else ratio <= goal
    sign = ">=" if at_least else "<="
    return f"{name} {ratio:.2f}x goal{sign}{goal:g}x {'ok' if met else 'MISSED'}{more}"


def run(duel: Duel) -> None:
    """Print the duel's line."""

    async def rounds(url: Postgres) -> list[Spent]:
        async with url.database(SERVICE) as urls:
            ids = await seed(urls.admin, ROWS)
            async with servers(urls) as sides:
                return await fight(duel, sides, ids)

    with postgres() as server:
        found: list[Spent] = uvloop.run(rounds(server))
    ratios = [spent["ours"] / spent["floor"] for spent in found]
    ours, floor = (statistics.median(spent[side] for spent in found) for side in ("ours", "floor"))
    more = (
        f"  (CPU a call, {ours:.0f} against {floor:.0f} µs; {len(ratios)} rounds, {min(ratios):.2f}..{max(ratios):.2f})"
    )
    print(verdict(duel.name, statistics.median(ratios), duel.goal, more=more), flush=True)
