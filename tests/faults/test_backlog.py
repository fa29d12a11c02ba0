"""A reader that stood still has much to catch up with: its lag is told, nobody else waits, and it stays in its group
(R20)."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import asyncpg

from tests.e2e.suite import ok, until
from tests.faults import backlog, mark
from tests.faults.logs import server_url
from tests.faults.rig import ON_EACH_LOG, Rig
from tests.faults.size import sized
from tests.faults.vitals import memory_megabytes, number

COUNT = sized(5_000, 1_000_000)
SECONDS = sized(600.0, 7200.0)
GROUP = {"group": "kith.marketing"}
LOOK_SECONDS = 0.5


@ON_EACH_LOG
def test_a_backlog_shows_as_lag_and_is_caught_up_with(rig: Rig, say: Callable[[str], None]) -> None:
    began, held = time.monotonic(), memory_megabytes(rig.suite)
    with rig.suite.client() as client:
        tenant = ok(client.get("/v1/me"))["principal"]["tenantId"]
        joins = _joins(rig)
        with _stuck(rig):
            start = time.monotonic()
            for batch in backlog.batches(tenant, COUNT):
                asyncio.run(rig.log.put(batch))
            written = time.monotonic() - start
            until(lambda: _lag(rig) > COUNT / 2, SECONDS, every=LOOK_SECONDS)
            deal = mark.opened(client)
            ok(client.post(f"/v1/opportunities/{deal}:win"))
            until(
                lambda: ok(client.get("/v1/cases", params={"filter": f'opportunity_id = "{deal}"'}))["cases"], SECONDS
            )
            lag, others = _lag(rig), time.monotonic() - start - written
            peak = memory_megabytes(rig.suite)
        start = time.monotonic()
        until(lambda: asyncio.run(rig.log.behind(["marketing"], ["kith.sales.v1"])) == 0, SECONDS, every=LOOK_SECONDS)
        seconds = time.monotonic() - start
        until(lambda: _lag(rig) == 0, SECONDS, every=LOOK_SECONDS)
    assert _joins(rig) - joins <= 1  # a member that stands still is still a member
    memory = f"MB {held}, {peak}, {memory_megabytes(rig.suite)}"
    say(
        f"R20 {rig.log.name}: {COUNT} events at {COUNT / written:.0f}/s, lag {lag:.0f}; others heard all of it and more"
        f" after {others:.1f} s; caught up at {COUNT / seconds:.0f}/s; {memory};"
        f" {_joins(rig) - joins:.0f} rebalances; {time.monotonic() - began:.0f} s"
    )


def _lag(rig: Rig) -> float:
    return number(rig.suite, "marketing", "kith_consumer_lag_records", **GROUP)


def _joins(rig: Rig) -> float:
    return number(rig.suite, "marketing", "kith_consumer_rebalances_total", **GROUP)


@contextmanager
def _stuck(rig: Rig) -> Iterator[None]:
    """Somebody holds the table in which marketing keeps what it hears of deals."""
    over, holding = threading.Event(), threading.Event()

    async def hold() -> None:
        connection = await asyncpg.connect(server_url(rig.suite, "marketing"))
        try:
            async with connection.transaction():
                await connection.execute("lock table known_opportunity in access exclusive mode")
                holding.set()
                await asyncio.to_thread(over.wait)
        finally:
            await connection.close()

    thread = threading.Thread(target=asyncio.run, args=(hold(),))
    thread.start()
    assert holding.wait(SECONDS)
    try:
        yield
    finally:
        over.set()
        thread.join()
