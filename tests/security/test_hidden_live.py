"""What is told live is what a reader may see: neither a hidden field nor all of a masked one, and no foreign record
(S05, S01)."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import orjson
import pytest
import pytest_asyncio

from chassis.access.caller import Right
from chassis.testing.postgres import Postgres
from gateway.app import Gateway, build
from gateway.config import Settings
from gateway.contract import Contract
from gateway.incoming import Incoming
from gateway.live import stream as streaming
from gateway.live.source import Change
from gateway.live.stream import Stream
from gateway.nouns import nouns_of
from tests.security.house import ACME, House
from tests.security.makers import the
from tests.security.surface import CONTRACT
from tests.security.unseen import NAMES, NOUNS, blind, houses_of, own_fields

contract = Contract.read(CONTRACT)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def houses(postgres: Postgres) -> AsyncIterator[dict[str, House]]:
    async with houses_of(postgres) as found:
        yield found


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def gateway(houses: dict[str, House], tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Gateway]:
    """Before all the houses."""
    settings: dict[str, Any] = {
        "gateway_secret": "only for this test, and nobody else",
        "web": Path(tmp_path_factory.mktemp("web")),
    }
    made = build(Settings(**settings), contract, {name: house.served.address for name, house in houses.items()})
    yield made
    await made.close()


async def heard(gateway: Gateway, house: House, persona: str, noun: str) -> list[dict[str, Any]]:
    """The records a listener is told of, once that of the house has changed."""

    async def renew() -> None:
        """A token that stays good."""

    bearer = house.doorman.metadata(persona)[0][1]
    incoming = Incoming({}, "127.0.0.1", "one", "", bearer.removeprefix("Bearer "))
    stream = Stream(gateway.changes, str(ACME), incoming, nouns_of(contract), gateway.backend, renew)
    events = stream.events()
    await anext(events)
    gateway.changes.add(Change(str(ACME), noun, (await the(house, noun)).id))
    async for event in events:
        if b"event: changed" in event:
            (told,) = orjson.loads(event.partition(b"data: ")[2])["changes"]
            records: list[dict[str, Any]] = told["records"]
            return records
        if b"still here" in event:
            return []
    raise AssertionError("the stream ended")


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streaming, "BATCH_SECONDS", 0.01)
    monkeypatch.setattr(streaming, "HEARTBEAT_SECONDS", 0.05)  # a change is told before it


LIVE = [(service, resource) for service, resource in NOUNS if nouns_of(contract)[resource.noun.permission].batch_get]


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(("service", "resource"), LIVE, ids=[one.noun.permission for _, one in LIVE])
async def test_a_listener_is_told_what_a_reader_may_see(
    houses: dict[str, House], gateway: Gateway, service: str, resource: Any
) -> None:
    house, noun = houses[service], resource.noun.permission
    (whole,) = await heard(gateway, house, "admin", noun)
    (hidden,) = await heard(gateway, house, blind(resource, Right.NONE), noun)
    (masked,) = await heard(gateway, house, blind(resource, Right.MASKED), noun)
    names = {resource.noun.fields[name].descriptor.json_name for name in own_fields(resource)}
    said = {name for name in names if says(whole.get(name))}
    assert said, "nobody is told anything"
    assert not [name for name in names if says(hidden.get(name))]
    assert not [name for name in said if masked.get(name) == whole[name]]
    if resource.noun.owned:
        assert await heard(gateway, house, "peer", noun) == []


def says(value: Any) -> bool:
    """Whether there is more than the nothing that JSON writes for a field that is not set."""
    return bool(value) and value != "0" and not (isinstance(value, str) and value.endswith("_UNSPECIFIED"))


def test_every_noun_that_is_told_live_is_asked_about() -> None:
    assert len(LIVE) > len(NAMES) // 2
