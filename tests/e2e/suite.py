"""The whole suite as its users meet it: `kith up` in a home of its own, and the gateway over HTTP."""

import asyncio
import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import httpx

from chassis.config import METRICS_ABOVE, PORTS
from chassis.database.embedded import is_free
from chassis.database.worker import open_pool
from chassis.events.bus import Message
from chassis.events.kafka import KafkaBus
from chassis.events.kafka_access import SCHEME, KafkaAccess
from chassis.events.postgres_log import PostgresLog
from cli.generated import secrets_of
from cli.home import Home
from cli.suite import Suite as Kith
from cli.suite import server_of

ROOT = Path(__file__).parents[2]
START_SECONDS = 180
T = TypeVar("T")


@dataclass(frozen=True)
class Suite:
    """`demo` is what `kith up` wrote for whoever started it."""

    home: Path
    demo: dict[str, Any]
    environ: dict[str, str]

    def client(self, token: str = "") -> httpx.Client:
        """As the tenant's admin, or whoever `token` is of."""
        headers = {"authorization": f"Bearer {token or self.demo['api_key']}"}
        return httpx.Client(base_url=self.demo["url"], headers=headers, timeout=30, trust_env=False)

    def kith(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "cli", *arguments]
        return subprocess.run(command, cwd=ROOT, env=self.environ, capture_output=True, text=True, check=False)

    def said(self, *topics: str) -> list[Message]:
        """Everything on these topics of its event log, oldest first within each partition."""
        return asyncio.run(self._said(topics))

    async def _said(self, topics: Sequence[str]) -> list[Message]:
        if where := self.environ.get("KITH_EVENTS"):
            records = await KafkaBus(KafkaAccess(where.removeprefix(SCHEME))).read(topics)
        else:
            home = Home(self.home)
            suite = Kith(home, secrets_of(home), self.environ)
            async with await open_pool(suite.database_url("events", "worker", server_of(suite)), 1) as pool:
                records = await PostgresLog(pool).read(topics)
        return [record.message for record in records]


@contextmanager
def started(home: Path, **told: str) -> Iterator[Suite]:
    """Up, on ports nobody uses, until the block ends; `told` are more variables."""
    paths = [str(ROOT / part) for part in (".", "services", "protos/gen")]
    environ = os.environ | {"KITH_HOME": str(home), "PYTHONPATH": os.pathsep.join(paths)} | free_ports() | told
    suite = Suite(home, {}, environ)
    up = suite.kith("up")
    try:
        assert up.returncode == 0, up.stdout + up.stderr
        yield Suite(home, json.loads((home / "demo.json").read_text()), environ)
    finally:
        suite.kith("down")


def free_ports() -> dict[str, str]:
    """A port for each process, with the one above it that its numbers are told on; none that clients are given."""
    while True:
        first = random.randrange(10_000, 30_000)
        ports = dict(zip(PORTS, range(first, first + len(PORTS)), strict=True))
        if all(is_free(port) and is_free(port + METRICS_ABOVE) for port in ports.values()):
            return {
                f"KITH_{name.upper()}_PORT" if name != "gateway" else "KITH_PORT": str(port)
                for name, port in ports.items()
            }


def until(look: Callable[[], T | None], seconds: float, every: float = 0.05) -> T:
    """What `look` finds as soon as it finds something, looking so often. Raises AssertionError after `seconds`."""
    end = time.monotonic() + seconds
    while True:
        found = look()
        if found:
            return found
        assert time.monotonic() < end, f"nothing within {seconds} s"
        time.sleep(every)


def ok(response: httpx.Response) -> dict[str, Any]:
    """The body of a success. Raises AssertionError with the problem otherwise."""
    assert response.status_code == 200, f"{response.request.method} {response.request.url}: {response.text}"
    body: dict[str, Any] = response.json()
    return body
