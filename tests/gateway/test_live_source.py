"""What is kept of changes, and where they come from: bounded memory, and the event log's tail through an outage."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import NoReturn

import pytest

from chassis.database.worker import open_pool
from chassis.events.postgres_log import PostgresLog
from chassis.testing.postgres import Postgres
from gateway.live import changes as memory
from gateway.live import source
from gateway.live.changes import Changes, Ring
from gateway.live.source import Change, PostgresSource, change_of
from tests.gateway.backend import TENANT
from tests.gateway.listening import message

OTHER = "01920000-0000-7000-8000-0000000000cc"


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_what_is_kept_is_bounded_by_time_and_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "KEPT_CHANGES", 3)
    ring = Ring(epoch="e")
    for n in range(5):
        ring.add("garden.plant", str(n), now=n)
    assert [id for _, id in ring.since(2) or []] == ["2", "3", "4"]
    assert ring.since(1) is None
    assert (ring.position("e-1"), ring.position("e-2"), ring.position("e-5"), ring.position("e-6")) == (
        None,
        2,
        5,
        None,
    )
    ring.add("garden.plant", "late", now=memory.KEPT_SECONDS + 3.5)
    assert [id for _, id in ring.since(4) or []] == ["4", "late"]
    assert ring.since(3) is None


def test_a_tenant_that_had_to_go_begins_a_new_epoch(monkeypatch: pytest.MonkeyPatch) -> None:
    changes = Changes(Clock())
    monkeypatch.setattr(changes._rings, "_size", 2)
    first = changes.of("a")
    name = first.name(first.last)
    changes.of("b")
    changes.of("c")
    assert changes.of("a") is not first
    assert changes.of("a").position(name) is None


def test_only_our_own_events_are_changes() -> None:
    headers = {"ce_type": "kith.sales.opportunity.won.v1", "ce_tenantid": TENANT, "ce_subject": "7"}
    assert change_of(headers) == Change(TENANT, "sales.opportunity", "7")
    assert change_of(headers | {"ce_type": "com.example.thing"}) is None
    assert change_of({"ce_type": "kith.sales.opportunity.won.v1"}) is None


async def heard(tail: AsyncIterator[Sequence[Change]], count: int) -> list[str]:
    found: list[str] = []
    while len(found) < count:
        found += [change.id for change in await asyncio.wait_for(anext(tail), 60)]
    return found


async def test_every_reader_hears_the_log_from_now_on_and_through_an_outage(
    postgres: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with postgres.events() as url:
        pool = await open_pool(url)
        log = PostgresLog(pool)
        await log.publish([message(0)])
        tails = [PostgresSource(url).tail(["kith.garden.v1", "kith.garden.bulk.v1"]) for _ in range(2)]
        waiting = [asyncio.ensure_future(heard(tail, 4)) for tail in tails]
        await asyncio.sleep(0.5)  # both stand at the head
        await log.publish([message(n) for n in (1, 2, 3)])
        await log.publish([message(4, "kith.garden.bulk.v1")])
        for found in await asyncio.gather(*waiting):
            assert sorted(found) == ["1", "2", "3", "4"]
        waiting = [asyncio.ensure_future(heard(tail, 1)) for tail in tails]
        with monkeypatch.context() as outage:
            failed = asyncio.Event()

            async def away(*_: object, **__: object) -> NoReturn:
                failed.set()
                raise ConnectionResetError

            outage.setattr(source, "fetch", away)
            await asyncio.wait_for(failed.wait(), 60)
            await log.publish([message(5)])
            await asyncio.sleep(0.2)
        assert await asyncio.gather(*waiting) == [["5"], ["5"]]
        for closing in tails:
            await closing.aclose()  # type: ignore[attr-defined]  # an async generator
        pool.terminate()
