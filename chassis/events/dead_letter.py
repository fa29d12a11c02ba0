"""An event nobody could digest, as a row of the consumer's own outbox: original bytes, with why and whence beside."""

from uuid import NAMESPACE_URL, uuid5

import orjson

from chassis.events.bus import Record
from chassis.events.cloud_event import Malformed, event_of
from chassis.events.outbox import INTERACTIVE

UNKNOWN = "unknown"  # the type of what was no event
WHY = ("dlt_reason", "dlt_detail", "dlt_origin", "dlt_group")  # headers that a letter has beside its event's own


def grave_of(topic: str, group: str) -> str:
    """Where what `group` could not digest of `topic` is put."""
    return f"{topic}.{group}.dlt"


def dead_letter(record: Record, group: str, error: Exception) -> dict[str, object]:
    """Binds of `outbox.ADD`; it goes to `<topic>.<group>.dlt` under its old key."""
    message = record.message
    origin = f"{message.topic}/{record.partition}/{record.offset}"
    why = dict(zip(WHY, (type(error).__name__, str(error)[:500], origin, group), strict=True))
    return {
        **_identity(record, f"{group}/{origin}"),
        "lane": INTERACTIVE,
        "topic": grave_of(message.topic, group),
        "aggregatetype": group,
        "headers": orjson.dumps({**message.headers, **why}).decode(),
        "payload": message.value,
    }


def _identity(record: Record, place: str) -> dict[str, object]:
    try:
        event = event_of(record.message)
    except Malformed:
        made = uuid5(NAMESPACE_URL, place)  # stands in for what a malformed message lacks
        return {"id": made, "aggregateid": made, "type": UNKNOWN, "tenant_id": made, "sequence": 0}
    return {
        "id": event.id,
        "aggregateid": event.aggregate_id,
        "type": event.type,
        "tenant_id": event.tenant_id,
        "sequence": event.sequence,
    }
