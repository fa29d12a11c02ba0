"""What other services tell contacts, as it arrives."""

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count
from typing import Any

from google.protobuf.message import Message

from chassis.events.cloud_event import Event
from kith.marketing.v1.campaign_member_pb2 import CampaignMemberEvent
from kith.marketing.v1.campaign_pb2 import CampaignEvent
from kith.marketing.v1.segment_membership_pb2 import SegmentMembershipEvent
from kith.marketing.v1.segment_pb2 import SegmentEvent
from kith.sales.v1.lead_pb2 import LeadEvent
from kith.sales.v1.opportunity_pb2 import OpportunityEvent
from kith.service_desk.v1.case_pb2 import CaseEvent
from tests.contacts.people import ACME

EVENTS: dict[str, type[Message]] = {
    "sales.lead": LeadEvent,
    "sales.opportunity": OpportunityEvent,
    "service_desk.case": CaseEvent,
    "marketing.segment": SegmentEvent,
    "marketing.segment_membership": SegmentMembershipEvent,
    "marketing.campaign": CampaignEvent,
    "marketing.campaign_member": CampaignMemberEvent,
}
SECONDS: Iterator[int] = count(1_800_000_000)


def told(what: str, sequence: int = 1, details: Any = None, **after: Any) -> Event:
    """`told("sales.opportunity.won", 3, id=…, account_id=…)`; each a second later than the one before."""
    noun, _, verb = what.rpartition(".")
    more = {"details": details} if details else {}
    message = EVENTS[noun](verb=verb, after=after, **more)
    return Event(
        id=uuid.uuid4(),
        type=f"kith.{what}.v1",
        tenant_id=ACME,
        aggregate_id=uuid.UUID(after["id"]),
        sequence=sequence,
        time=datetime.fromtimestamp(next(SECONDS), UTC),
        traceparent="",
        payload=message.SerializeToString(),
    )
