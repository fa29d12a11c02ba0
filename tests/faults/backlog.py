"""More events than anybody reads at once: deals that nobody made, as sales would tell of them."""

import uuid
from collections.abc import Iterator

from chassis.events.bus import Message
from kith.sales.v1.opportunity_pb2 import Opportunity, OpportunityEvent
from tests.faults.poison import headers

BATCH = 5000
TYPE = "kith.sales.opportunity.created.v1"


def batches(tenant: str, count: int) -> Iterator[list[Message]]:
    """So many events of a deal each."""
    for start in range(0, count, BATCH):
        yield [_one(tenant) for _ in range(min(BATCH, count - start))]


def _one(tenant: str) -> Message:
    id = str(uuid.uuid4())
    event = OpportunityEvent(verb="created", after=Opportunity(id=id, display_name="backlog", state=Opportunity.OPEN))
    return Message("kith.sales.v1", id, headers(TYPE, tenant, id), event.SerializeToString())
