"""Records that no reader can use, one of each kind, and what is to become of them."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from chassis.events.bus import Message
from kith.sales.v1.opportunity_pb2 import Opportunity, OpportunityEvent
from tests.faults.logs import HEARS

# A type of event on each topic that all who hear the topic want.
TYPES: Mapping[str, str] = {
    "kith.identity.v1": "kith.identity.user.deactivated.v1",
    "kith.contacts.v1": "kith.contacts.contact.updated.v1",
    "kith.sales.v1": "kith.sales.opportunity.won.v1",
    "kith.service_desk.v1": "kith.service_desk.case.created.v1",
    "kith.marketing.v1": "kith.marketing.segment_membership.entered.v1",
}
READERS: Mapping[str, tuple[str, ...]] = {
    topic: tuple(name for name, heard in HEARS.items() if topic.split(".")[1] in heard) for topic in TYPES
}
AUDITOR = "identity"  # writes down whatever is an event, and so fails at none that others fail at
MALFORMED = "Malformed"  # the reason for burying what is no event; what else a reader raises is its own
NO_MESSAGE = b"\xff\xff\xff this is no message"


@dataclass(frozen=True)
class Poison:
    """A message, and why its readers bury it; nothing if it passes by."""

    message: Message
    reason: str = ""


def headers(type: str, tenant: str, key: str, sequence: int = 1, trace: str = "") -> dict[str, str]:
    """An event's, as the contract has them."""
    found = {
        "ce_specversion": "1.0",
        "ce_id": str(uuid.uuid4()),
        "ce_type": type,
        "ce_source": "/" + "/".join(type.split(".")[1:3]),
        "ce_subject": key,
        "ce_time": datetime.now(UTC).isoformat(),
        "ce_tenantid": tenant,
        "ce_sequence": str(sequence),
        "content-type": "application/protobuf",
    }
    return found | ({"traceparent": f"00-{trace}-{'ab' * 8}-01"} if trace else {})


def in_every_topic(tenant: str, key: str, trace: str) -> list[Poison]:
    """Garbage, what is none of the types we know, and what says it is one and is not; all under one key."""
    found = []
    for topic, type in TYPES.items():
        garbage = Message(topic, key, {}, b"\x00\xff garbage")
        unknown = Message(topic, key, headers("kith.nobody.nothing.happened.v1", tenant, key), NO_MESSAGE)
        broken = Message(topic, key, headers(type, tenant, str(uuid.uuid4()), trace=trace), NO_MESSAGE)
        found += [Poison(garbage, MALFORMED), Poison(unknown), Poison(broken, MALFORMED)]
    return found


def of_sales(tenant: str, key: str, contact: str) -> list[Poison]:
    """Under the key of one deal, of which the first change is known: a record whose reader raises, another tenant's, an
    older state of the deal, and another deal of this contact of which the second change, which won it, comes first, and
    comes again after the first one."""
    other, stranger = str(uuid.uuid4()), str(uuid.uuid4())
    raises = _said(tenant, str(uuid.uuid4()), key, 1, "won", Opportunity(id="x", contact_id="nobody's"))
    foreign = _said(str(uuid.uuid4()), stranger, key, 1, "won", Opportunity(id=stranger, state=Opportunity.WON))
    older = _said(tenant, key, key, 1, "stage_changed", Opportunity(id=key, state=Opportunity.WON, contact_id=contact))
    won = _said(tenant, other, key, 2, "won", Opportunity(id=other, state=Opportunity.WON, contact_id=contact))
    began = _said(tenant, other, key, 1, "created", Opportunity(id=other, state=Opportunity.OPEN, contact_id=contact))
    return [Poison(raises, "raises"), *map(Poison, (foreign, older, won, began, won))]


def _said(tenant: str, id: str, key: str, sequence: int, verb: str, after: Opportunity) -> Message:
    value = OpportunityEvent(verb=verb, after=after).SerializeToString()
    return Message("kith.sales.v1", key, headers(f"kith.sales.opportunity.{verb}.v1", tenant, id, sequence), value)
