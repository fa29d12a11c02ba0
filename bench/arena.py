"""Two servers over one database, asked in turns: the floor and ours; what counts is the ratio of their CPU per call."""

import asyncio
import os
import statistics
import subprocess
import sys
import time
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import asyncpg
import grpc
import psutil
import uvloop
from google.protobuf.message import Message

from bench import authority
from chassis.database.embedded import embedded_postgres
from chassis.testing.postgres import Postgres, Urls, free_port
from sales.app import SERVICE

ROOT = Path(__file__).parents[1]
ROWS, STREAMS = 20_000, 16
ROUNDS = int(os.environ.get("KITH_BENCH_ROUNDS", "9"))
SETTINGS = {"shared_buffers": "256MB", "synchronous_commit": "off", "max_connections": "100"}
SIDES = {"floor": "bench.floor", "ours": "bench.ours"}


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


async def seed(admin_url: str, rows: int) -> list[str]:
    """Leads of one owner, as Create would have written them, in one statement; some of their ids."""
    admin = await asyncpg.connect(admin_url)
    try:
        await admin.execute(_SEED, authority.TENANT, authority.USER, authority.TEAM, rows)
        await admin.execute("vacuum analyze lead")
        return [str(row[0]) for row in await admin.fetch("select id from lead order by random() limit 2000")]
    finally:
        await admin.close()


@asynccontextmanager
async def servers(urls: Urls) -> AsyncIterator[dict[str, tuple[psutil.Process, grpc.aio.Channel]]]:
    """Both sides as processes of their own, ready to answer."""
    started: dict[str, subprocess.Popen[bytes]] = {}
    channels: dict[str, grpc.aio.Channel] = {}
    try:
        for side, module in SIDES.items():
            port = free_port()
            command = [sys.executable, "-m", module, urls.app if side == "ours" else urls.admin, f"127.0.0.1:{port}"]
            started[side] = subprocess.Popen(command, cwd=ROOT, env=environment())
            channels[side] = grpc.aio.insecure_channel(f"127.0.0.1:{port}")
        for channel in channels.values():
            await asyncio.wait_for(channel.channel_ready(), 30)
        yield {side: (psutil.Process(started[side].pid), channels[side]) for side in SIDES}
    finally:
        for channel in channels.values():
            await channel.close()
        for process in started.values():
            process.terminate()
            process.wait()


def environment() -> dict[str, str]:
    paths = [str(ROOT / part) for part in (".", "services", "protos/gen")]
    return os.environ | {"PYTHONPATH": os.pathsep.join(paths)}


async def fight(duel: Duel, sides: dict[str, tuple[psutil.Process, grpc.aio.Channel]], ids: list[str]) -> list[float]:
    """The ratio of CPU per call, ours to the floor's, of each round; the first round warms up and does not count."""
    metadata = (("authorization", f"Bearer {authority.token()}"), ("traceparent", authority.TRACEPARENT))
    asks = {
        side: channel.unary_unary(duel.method, lambda message: message.SerializeToString(), duel.reply.FromString)
        for side, (_, channel) in sides.items()
    }

    async def cpu(side: str) -> float:
        process, numbers = sides[side][0], iter(range(duel.calls))

        async def stream() -> None:
            for n in numbers:
                await asks[side](duel.asked(n, ids), timeout=30, metadata=metadata)

        before = sum(process.cpu_times()[:2])
        await asyncio.gather(*(stream() for _ in range(STREAMS)))
        return sum(process.cpu_times()[:2]) - before

    ratios = []
    for turn in range(ROUNDS + 1):
        spent = {side: await cpu(side) for side in sorted(SIDES, reverse=bool(turn % 2))}
        if turn:
            ratios.append(spent["ours"] / spent["floor"])
    return ratios


def verdict(name: str, ratio: float, goal: float, *, at_least: bool = False, more: str = "") -> str:
    """`P1 1.42x goal<=1.5x ok`."""
    met = ratio >= goal if at_least else ratio <= goal
    sign = ">=" if at_least else "<="
    return f"{name} {ratio:.2f}x goal{sign}{goal:g}x {'ok' if met else 'MISSED'}{more}"


def run(duel: Duel) -> None:
    """Print the duel's line."""

    async def ratios(url: Postgres) -> list[float]:
        async with url.database(SERVICE) as urls:
            ids = await seed(urls.admin, ROWS)
            async with servers(urls) as sides:
                return await fight(duel, sides, ids)

    with postgres() as server:
        found: list[float] = uvloop.run(ratios(server))
    spread = f"  (CPU a call; {len(found)} rounds, {min(found):.2f}..{max(found):.2f})"
    print(verdict(duel.name, statistics.median(found), duel.goal, more=spread), flush=True)




_SEED = """
insert into lead (tenant_id, id, revision, create_time, update_time, creator_id, updater_id, owner_id, team_id, labels,
  external_ids, custom_fields, display_name, display_name_sort, family_name, given_name, company, company_sort, position,
  emails, phones, source, rating, state, disqualify_reason, description, region, search_grams)
select $1, uuidv7(), 1, now() - n * interval '1 minute', now(), $2, $2, $2, $3, '{}', '[]', '{"tier": "gold"}',
  'Zhang Wei ' || n, 'zhang wei ' || n, 'Zhang', 'Wei', 'Northern Robots ' || n % 500, 'northern robots ' || n % 500,
  'Buyer', jsonb_build_array(jsonb_build_object('address', 'wei' || n || '@example.com', 'primary', true)),
  jsonb_build_array(jsonb_build_object('number', '+86138' || (10000000 + n), 'primary', true)),
  'website', 'WARM', case when n % 3 = 0 then 'WORKING' else 'NEW' end, '', '', 'West',
  array['display_name:zha', 'display_name:^z', 'company:nor', 'company:' || n % 500]
from generate_series(1, $4) n
"""
