"""The examples of consumers read real events from a real broker, each once (CloudEvents, at least once, quality 23)."""

from collections.abc import Callable
from itertools import islice
from pathlib import Path

import pytest

from chassis.events.bus import Message
from kith.sales.v1.opportunity_pb2 import OpportunityEvent
from tests.e2e import programs
from tests.e2e.programs import Program, running
from tests.e2e.suite import Suite, ok, until
from tests.e2e.test_one_trace import open_deal

pytestmark = pytest.mark.kafka
SECONDS = 30.0


@pytest.mark.parametrize(
    "made", [lambda _: programs.python(), lambda _: programs.java(), programs.node], ids=["python", "java", "node"]
)
def test_a_consumer_prints_each_event_once(on_kafka: Suite, tmp_path: Path, made: Callable[[Path], Program]) -> None:
    program, contract = made(tmp_path), tmp_path / "contract.binpb"
    with on_kafka.client() as anybody:
        contract.write_bytes(anybody.get("/contract.binpb").content)
    told = {"KITH_KAFKA": on_kafka.environ["KITH_EVENTS"].removeprefix("kafka://"), "KITH_CONTRACT": str(contract)}
    told |= {"KITH_EFFECTS": str(tmp_path / "effects"), "KITH_GROUP": f"{tmp_path.name}-first"}
    events = win_one(on_kafka)
    with running(program, **told) as lines:
        assert set(islice(lines, len(events))) == events
    more = win_one(on_kafka)
    assert len(more - events) == 2
    with running(program, **told | {"KITH_GROUP": f"{tmp_path.name}-from-the-start"}) as lines:
        assert set(islice(lines, 2)) == more - events  # all of them come again, and only these are news


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
