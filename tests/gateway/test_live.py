"""Server-sent events: what changed reaches who may see it, nothing is lost in silence, and the ended hear no more."""

import asyncio
from typing import Any

import pytest
from google.rpc.code_pb2 import Code

from chassis.database.worker import open_pool
from chassis.events.postgres_log import PostgresLog
from chassis.testing.postgres import Postgres
from gateway.app import Gateway
from gateway.live import stream as streaming
from gateway.live.source import Change, PostgresSource
from tests.gateway.backend import TENANT, Refused, Services
from tests.gateway.conftest import Build
from tests.gateway.listening import Listener, message, opened

OTHER = "01920000-0000-7000-8000-0000000000cc"


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
    await asyncio.wait_for(listener.task, 60)


async def test_a_key_that_was_revoked_closes_the_stream(gateway: Gateway, services: Services) -> None:
    """S17"""
    listener = await opened(gateway)
    await listener.next("hello")

    def refuse(request: object) -> Any:
        raise Refused(Code.UNAUTHENTICATED, "UNAUTHENTICATED")

    services.answers["WhoAmI"] = refuse
    await asyncio.wait_for(listener.task, 60)


async def test_a_token_that_a_service_refuses_closes_the_stream(gateway: Gateway, services: Services) -> None:
    """S17: whichever service hears of it first."""

    def refuse(request: object) -> Any:
        raise Refused(Code.UNAUTHENTICATED, "UNAUTHENTICATED")

    services.answers["BatchGetPlants"] = refuse
    listener = await opened(gateway)
    await listener.next("hello")
    say(gateway, "1")
    await asyncio.wait_for(listener.task, 60)
    assert [name for name in await listener.rest() if name != ": still here"] == []


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


async def test_without_an_event_log_the_stream_says_so(built: Build) -> None:
    assert await Listener(built(source=None), {"authorization": "Bearer rep"}).start() == 501


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
