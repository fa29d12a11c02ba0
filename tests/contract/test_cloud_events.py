"""What goes out is a CloudEvent to their own library, and what comes in as none of ours is known for that."""

from collections.abc import Mapping
from datetime import UTC, datetime
from uuid import UUID

import pytest
from cloudevents.core.bindings.kafka import KafkaMessage, from_binary
from cloudevents.core.formats.json import JSONFormat

from chassis.events.bus import Message
from chassis.events.cloud_event import Malformed, event_of, message_of

ID, TENANT, RECORD = (UUID(int=0x0192F0C17A1B7C3D8E4FA1B2C3D4E5F6 + n) for n in range(3))
ROW = {
    "id": ID,
    "tenant_id": TENANT,
    "aggregateid": RECORD,
    "aggregatetype": "sales.lead",
    "topic": "kith.sales.v1",
    "type": "kith.sales.lead.created.v1",
    "sequence": 12,
    "payload": b"\x0a\xff",
    "headers": "{}",
    "time": datetime(2026, 2, 14, 2, 3, 4, 567891, UTC),
}


@pytest.mark.parametrize("time", [ROW["time"], datetime(2026, 2, 14, tzinfo=UTC)], ids=["microseconds", "midnight"])
def test_an_outbox_row_is_a_cloud_event(time: datetime) -> None:
    """Quality 23"""
    message = message_of(ROW | {"time": time})  # type: ignore[arg-type]  # it is read by name only, as a Record is
    headers = {name: value.encode() for name, value in message.headers.items()}
    event = from_binary(KafkaMessage(headers, message.key, message.value), JSONFormat())
    assert event.get_attributes() == {
        "specversion": "1.0",
        "id": str(ID),
        "type": ROW["type"],
        "source": "/sales/lead",
        "subject": str(RECORD),
        "time": time,
        "datacontenttype": "application/protobuf",
        "tenantid": str(TENANT),
        "sequence": "12",
        "partitionkey": str(RECORD),
    }
    assert event.get_data() == ROW["payload"]
    assert event_of(message).time == time


@pytest.mark.parametrize(
    "wrong",
    [
        {"ce_time": "2026-02-14T02:03:04"},
        {"ce_time": "yesterday"},
        {"ce_id": "7"},
        {"ce_tenantid": ""},
        {"ce_sequence": "one"},
    ],
    ids=["a time of nowhere", "no time", "no id", "no tenant", "no number"],
)
def test_what_is_no_event_of_ours_is_malformed(wrong: Mapping[str, str]) -> None:
    good = message_of(ROW)  # type: ignore[arg-type]  # as above
    event_of(good)
    with pytest.raises(Malformed):
        event_of(Message(good.topic, good.key, {**good.headers, **wrong}, good.value))
    for name in wrong:
        with pytest.raises(Malformed):
            event_of(Message(good.topic, good.key, {k: v for k, v in good.headers.items() if k != name}, good.value))
