"""What the audit trail says of a record's fields is what the contract's own JSON says of them (ID-14)."""

import base64
import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from google.protobuf.json_format import MessageToDict

from chassis.events.cloud_event import Event
from identity.audit_entry.heard import UNSAID, WITHHELD, entries_of, event_message
from tests.contract.golden import Example, kept

SERVICES = "contacts", "identity", "marketing", "sales", "service_desk"
WRITTEN = [example for service in SERVICES for example in kept(service)]
NOBODY = UUID(int=0)


def noun_of(example: Example) -> str:
    """`sales.lead`, of `kith.sales.v1.LeadEvent`."""
    title = example.message.rpartition(".")[2].removesuffix("Event")
    return f"{example.service}.{''.join(f'_{one.lower()}' if one.isupper() else one for one in title)[1:]}"


@pytest.mark.parametrize("example", WRITTEN, ids=lambda example: example.message)
def test_every_field_is_told_as_the_contract_writes_it(example: Example) -> None:
    message = event_message(*noun_of(example).split("."))
    assert message is not None
    record: Any = message.FromString(base64.b64decode(example.bytes))
    record.ClearField("before")
    event = Event(
        id=NOBODY,
        type=f"kith.{noun_of(example)}.created.v1",
        tenant_id=NOBODY,
        aggregate_id=NOBODY,
        sequence=1,
        time=datetime.now(UTC),
        traceparent="",
        payload=record.SerializeToString(),
    )
    (entry,) = entries_of(event)
    told = {one.field: one.new_value for one in entry.changes}
    said = MessageToDict(record.after, preserving_proto_field_name=True)
    assert told.keys() == said.keys() - UNSAID
    assert told
    for name, value in told.items():
        assert value == WITHHELD or json.loads(value) == said[name], name
