"""The examples of consumers read real events from a real broker, each once (CloudEvents, at least once, quality 23)."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer  # type: ignore[import-untyped]  # it ships no types
from aiokafka.admin import AIOKafkaAdminClient  # type: ignore[import-untyped]  # likewise

from chassis.events.bus import Message
from kith.sales.v1.opportunity_pb2 import OpportunityEvent
from tests.e2e import programs
from tests.e2e.programs import Program, lines_of
from tests.e2e.suite import Suite, ok, until
from tests.e2e.test_one_trace import open_deal

pytestmark = pytest.mark.kafka
SECONDS = 120.0
TOPICS = "kith.sales.v1", "kith.sales.bulk.v1"


@pytest.mark.parametrize(
    "made", [lambda _: programs.python(), lambda _: programs.java(), programs.node], ids=["python", "java", "node"]
)
def test_a_consumer_prints_each_event_once(on_kafka: Suite, tmp_path: Path, made: Callable[[Path], Program]) -> None:
    program, contract = made(tmp_path), tmp_path / "contract.binpb"
    with on_kafka.client() as anybody:
        contract.write_bytes(anybody.get("/contract.binpb").content)
    servers, group = on_kafka.environ["KITH_EVENTS"].removeprefix("kafka://"), f"{tmp_path.name}-first"
    told = {"KITH_KAFKA": servers, "KITH_CONTRACT": str(contract), "KITH_EFFECTS": str(tmp_path / "effects")}
    events = win_one(on_kafka)
    lines = lines_of(program, lambda: asyncio.run(at_the_end(servers, group)), **told, KITH_GROUP=group)
    assert sorted(lines) == sorted(events)
    more, again = win_one(on_kafka), f"{tmp_path.name}-from-the-start"
    lines = lines_of(program, lambda: asyncio.run(at_the_end(servers, again)), **told, KITH_GROUP=again)
    assert len(lines) == 2  # all of them came again, and only these are news
    assert set(lines) == more - events


async def at_the_end(servers: str, group: str) -> bool:
    """Whether `group` has committed all that there is."""
    admin, reader = AIOKafkaAdminClient(bootstrap_servers=servers), AIOKafkaConsumer(*TOPICS, bootstrap_servers=servers)
    async with reader:
        ends = await reader.end_offsets(list(reader.assignment()))
    await admin.start()
    try:
        committed = await admin.list_consumer_group_offsets(group)
    finally:
        await admin.close()
    reached = {place: found.offset for place, found in committed.items()}
    return all(reached.get(place) == end for place, end in ends.items() if end)


def win_one(on_kafka: Suite) -> set[str]:
    """What an example should have printed, once a deal was made and won."""
    opportunity = open_deal(on_kafka)
    with on_kafka.client() as admin:
        ok(admin.post(f"/v1/opportunities/{opportunity['id']}:win"))

    def told() -> set[str] | None:
        found = on_kafka.said("kith.sales.v1")
        ours = [one for one in found if one.headers["ce_type"].startswith("kith.sales.opportunity.")]
        there = sum(one.key == opportunity["id"] for one in ours)
        return {_line(one) for one in ours} if there == 2 else None

    return until(told, SECONDS)


def _line(message: Message) -> str:
    name = OpportunityEvent.FromString(message.value).after.display_name
    return "\t".join([*(message.headers[one] for one in ("ce_type", "ce_tenantid", "ce_id")), name])
