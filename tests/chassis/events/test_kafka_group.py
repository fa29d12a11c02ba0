"""A member of a group goes on whatever its client does to it: hangs, ends its caller, or does not let go (R05, R06)."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from chassis.events import kafka, kafka_group
from chassis.events.bus import Record
from chassis.events.kafka import KafkaBus
from chassis.events.kafka_access import KafkaAccess
from tests.chassis.events.world import until

SECONDS = 120


class Client:
    """As aiokafka's consumer, with what it was seen to do when brokers went away."""

    made: list["Client"]

    def __init__(self, **_: object) -> None:
        self.made.append(self)
        self._coordinator = self._client = self._fetcher = self
        self._conns: dict[str, Any] = {}

    async def start(self) -> None: ...

    async def stop(self) -> None: ...


class Cancelled(Client):
    """A future that it waits for was cancelled with its connection."""

    async def start(self) -> None:
        raise asyncio.CancelledError


class Mute(Client):
    """It waits for an answer that never comes, and swallows being told to stop waiting."""

    async def start(self) -> None:
        for _ in range(3):
            try:
                await asyncio.sleep(1)
            except asyncio.CancelledError:
                continue


class Clinging(Client):
    """It breaks, and then does not end."""

    async def start(self) -> None:
        raise ConnectionResetError

    async def stop(self) -> None:
        await Mute.start(self)  # type: ignore[arg-type]  # any client would do


@pytest.mark.parametrize("kind", [Cancelled, Mute, Clinging])
async def test_a_member_whose_client_fails_in_any_way_begins_anew(
    monkeypatch: pytest.MonkeyPatch, kind: type[Client]
) -> None:
    kind.made = []
    monkeypatch.setattr(kafka_group, "AIOKafkaConsumer", kind)
    monkeypatch.setattr(kafka_group, "STEP_SECONDS", 0.05)
    monkeypatch.setattr(kafka_group, "LEAVE_SECONDS", 0.05)
    monkeypatch.setattr(kafka, "RETRY_SECONDS", 0.01)

    async def receive(records: Sequence[Record]) -> None: ...

    async def again() -> bool:
        return len(kind.made) >= 3

    reading = asyncio.create_task(KafkaBus(KafkaAccess("127.0.0.1:1")).consume("group", ["topic"], receive))
    try:
        await until(again, SECONDS)
        assert not reading.done()
    finally:
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
