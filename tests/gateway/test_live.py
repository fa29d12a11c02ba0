"""Server-sent events: what changed reaches who may see it, nothing is lost in silence, and the ended hear no more."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any

import asyncpg
import orjson
import pytest
from google.rpc.code_pb2 import Code

from chassis.database.worker import open_pool
from chassis.events.bus import Message
from chassis.events.postgres_log import PostgresLog
from chassis.testing.postgres import Postgres
from gateway.app import Gateway
from gateway.live import changes as memory
from gateway.live import stream as streaming
from gateway.live.changes import Changes, Ring
from gateway.live.source import Change, PostgresSource, change_of
from tests.gateway.backend import TENANT, Refused, Services
from tests.gateway.conftest import Build

OTHER = "01920000-0000-7000-8000-0000000000cc"


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


class Listener:
    """One open stream, as raw ASGI: httpx would wait for its end."""

    def __init__(self, gateway: Gateway, headers: dict[str, str]) -> None:
        self._sent: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._left = asyncio.Event()
        raw = [(name.encode(), value.encode()) for name, value in headers.items()]
        scope = {
            "type": "http", "method": "GET", "path": "/v1/events/stream", "raw_path": b"/v1/events/stream",
            "query_string": b"", "headers": raw, "client": ("127.0.0.1", 1), "asgi": {"spec_version": "2.3"},
        }  # fmt: skip
        self.task = asyncio.ensure_future(gateway.app(scope, self._receive, self._sent.put))  # type: ignore[arg-type]

    async def _receive(self) -> dict[str, Any]:
        await self._left.wait()
        return {"type": "http.disconnect"}

    async def start(self) -> int:
        status: int = (await asyncio.wait_for(self._sent.get(), 5))["status"]
        return status

    async def next(self, wanted: str) -> tuple[str, Any]:
        """Id and data of the next event of that name; heart-beats are passed over."""
        while True:
            message = await asyncio.wait_for(self._sent.get(), 5)
            if message.get("body", b"").startswith(b"event:"):
                name, id, data = (line.partition(": ")[2] for line in message["body"].decode().strip().split("\n"))
                assert name == wanted, message
                return id, orjson.loads(data)

    async def leave(self) -> None:
        self._left.set()
        await asyncio.wait_for(self.task, 5)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streaming, "HEARTBEAT_SECONDS", 0.1)
    monkeypatch.setattr(streaming, "BATCH_SECONDS", 0.02)


@pytest.fixture
def plants(services: Services) -> list[list[str]]:
    """The ids that were asked for, call by call; "hidden" is not for this caller to see."""
    asked: list[list[str]] = []

    def batch_get(request: Any) -> Any:
        asked.append(list(request.ids))
        found = [{"id": id, "display_name": f"plant {id}"} for id in request.ids if id != "hidden"]
        return services.message("kith.garden.v1.BatchGetPlantsResponse", plants=found)

    services.answers["BatchGetPlants"] = batch_get
    return asked


async def opened(gateway: Gateway, **headers: str) -> Listener:
    listener = Listener(gateway, {"authorization": "Bearer rep"} | headers)
    assert await listener.start() == 200
    return listener


def say(gateway: Gateway, *ids: str, tenant: str = TENANT, noun: str = "garden.plant") -> None:
    for id in ids:
        gateway.changes.add(Change(tenant, noun, id))


async def test_changes_come_in_batches_as_the_service_shows_them(gateway: Gateway, plants: list[list[str]]) -> None:
    listener = await opened(gateway)
    await listener.next("hello")
    say(gateway, "1", "2", "1", "hidden")
    say(gateway, "3", tenant=OTHER)
    say(gateway, "4", noun="garden.unknown")
    _, data = await listener.next("changed")
    (only,) = data["changes"]
    assert (only["noun"], only["plural"], [one["id"] for one in only["records"]]) == (
        "garden.plant",
        "plants",
        ["1", "2"],
    )
    assert plants == [["1", "2", "hidden"]]
    await listener.leave()


async def test_what_may_not_be_seen_is_not_told_of(gateway: Gateway, services: Services, plants: object) -> None:
    """S05: neither the record, nor its id, nor a noun that the caller may not read."""

    def refuse(request: object) -> Any:
        raise Refused(Code.PERMISSION_DENIED, "PERMISSION_DENIED")

    services.answers["BatchGetTools"] = refuse
    listener = await opened(gateway)
    await listener.next("hello")
    say(gateway, "hidden")
    say(gateway, "t", noun="shed.tool")
    await asyncio.sleep(0.1)
    say(gateway, "5")
    _, data = await listener.next("changed")
    assert "hidden" not in str(data)
    assert [one["noun"] for one in data["changes"]] == ["garden.plant"]
    await listener.leave()


async def test_a_stream_goes_on_where_it_was_left(gateway: Gateway, plants: object) -> None:
    first = await opened(gateway)
    where, _ = await first.next("hello")
    await first.leave()
    say(gateway, "1", "2")
    again = await opened(gateway, **{"last-event-id": where})
    assert (await again.next("hello"))[0] == where
    later, data = await again.next("changed")
    assert [one["id"] for one in data["changes"][0]["records"]] == ["1", "2"]
    await again.leave()
    third = await opened(gateway, **{"last-event-id": later})
    await third.next("hello")
    say(gateway, "3")
    assert [one["id"] for one in (await third.next("changed"))[1]["changes"][0]["records"]] == ["3"]
    await third.leave()


@pytest.mark.parametrize(
    "strange", ["nonsense", "00000000-1", "-", "{epoch}-99", "{epoch}-x", "{epoch}-²", "{epoch}--1"]
)
async def test_an_id_of_somebody_elses_is_answered_reset(gateway: Gateway, strange: str) -> None:
    ring = gateway.changes.of(TENANT)
    listener = Listener(gateway, {"authorization": "Bearer rep"})
    listener.task.cancel()
    say(gateway, "1")
    given = strange.replace("{epoch}", ring.epoch).encode("latin-1", "replace").decode("latin-1")
    listener = await opened(gateway, **{"last-event-id": given})
    assert (await listener.next("reset"))[0] == ring.name(1)
    await listener.leave()


async def test_when_a_service_cannot_say_the_client_is_told_to_read_anew(gateway: Gateway, services: Services) -> None:
    def away(request: object) -> Any:
        raise Refused(Code.UNAVAILABLE, "UNAVAILABLE")

    services.answers["BatchGetPlants"] = away
    listener = await opened(gateway)
    await listener.next("hello")
    say(gateway, "1")
    await listener.next("reset")
    await listener.leave()


async def test_an_ended_session_closes_the_stream(gateway: Gateway, services: Services) -> None:
    """S17: by cookie, within the next heart-beat, though the kept access token would still be good."""
    services.sessions["secret"] = "token"
    listener = Listener(gateway, {"cookie": "kith=secret"})
    assert await listener.start() == 200
    await listener.next("hello")
    services.sessions.clear()
    await asyncio.wait_for(listener.task, 2)


async def test_a_key_that_was_revoked_closes_the_stream(gateway: Gateway, services: Services) -> None:
    """S17"""
    listener = await opened(gateway)
    await listener.next("hello")

    def refuse(request: object) -> Any:
        raise Refused(Code.UNAUTHENTICATED, "UNAUTHENTICATED")

    services.answers["WhoAmI"] = refuse
    await asyncio.wait_for(listener.task, 2)


async def test_a_stream_outlives_an_outage_of_identity(gateway: Gateway, services: Services, plants: object) -> None:
    listener = await opened(gateway)
    await listener.next("hello")

    def away(request: object) -> Any:
        raise Refused(Code.UNAVAILABLE, "UNAVAILABLE")

    services.answers["WhoAmI"] = away
    await asyncio.sleep(0.3)
    say(gateway, "1")
    await listener.next("changed")
    await listener.leave()


async def test_nobody_hears_without_a_token_and_nobody_opens_too_many(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert await Listener(gateway, {}).start() == 401
    monkeypatch.setattr("gateway.live.rooms.STREAMS_OF_ONE", 2)
    listeners = [await opened(gateway), await opened(gateway)]
    for listener in listeners:
        await listener.next("hello")
    assert await Listener(gateway, {"authorization": "Bearer rep"}).start() == 429
    for listener in listeners:
        await listener.leave()
    listener = await opened(gateway)  # those that left are not counted
    await listener.leave()


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


def message(n: int, topic: str = "kith.garden.v1") -> Message:
    headers = {"ce_type": "kith.garden.plant.watered.v1", "ce_tenantid": TENANT, "ce_subject": str(n)}
    return Message(topic, str(n % 5), headers, b"")


async def heard(tail: AsyncIterator[Sequence[Change]], count: int) -> list[str]:
    found: list[str] = []
    while len(found) < count:
        found += [change.id for change in await asyncio.wait_for(anext(tail), 10)]
    return found


async def test_every_reader_hears_the_log_from_now_on_and_through_an_outage(postgres: Postgres) -> None:
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
        admin = await asyncpg.connect(url)
        waiting = [asyncio.ensure_future(heard(tail, 1)) for tail in tails]
        await admin.execute("select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid()"
                            " and datname = current_database()")  # fmt: skip
        await admin.close()
        again = await open_pool(url)
        await PostgresLog(again).publish([message(5)])
        assert await asyncio.gather(*waiting) == [["5"], ["5"]]
        for closing in tails:
            await closing.aclose()  # type: ignore[attr-defined]  # an async generator
        await again.close()
        pool.terminate()


async def test_what_the_log_says_reaches_a_stream(built: Build, plants: object, postgres: Postgres) -> None:
    async with postgres.events() as url:
        pool = await open_pool(url)
        log = PostgresLog(pool)
        await log.publish([message(0)])
        gateway = built(source=PostgresSource(url))
        listener = await opened(gateway)
        await listener.next("hello")
        await asyncio.sleep(0.5)
        await log.publish([message(7)])
        _, data = await listener.next("changed")
        assert data["changes"][0]["records"][0]["id"] == "7"
        await listener.leave()
        await gateway.close()
        await pool.close()
