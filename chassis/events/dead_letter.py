"""An event nobody could digest, as a row of the consumer's own outbox: original bytes, with why and whence beside."""

from uuid import NAMESPACE_URL, uuid5

import orjson

from chassis.events.bus import Record
from chassis.events.cloud_event import Malformed, event_of
from chassis.events.outbox import INTERACTIVE

# Headers that a letter has beside its event's own. The last: which of the event's own had to be made up.
WHY = ("dlt_reason", "dlt_detail", "dlt_origin", "dlt_group", "dlt_made")


def grave_of(topic: str, group: str) -> str:
    """Where what `group` could not digest of `topic` is put."""
    return f"{topic}.{group}.dlt"


def dead_letter(record: Record, group: str, error: Exception) -> dict[str, object]:
    """Binds of `outbox.ADD`; it goes to `<topic>.<group>.dlt` under its old key."""
    message = record.message
    origin = f"{message.topic}/{record.partition}/{record.offset}"
    identity, made = _identity(record, f"{group}/{origin}")
    why = dict(zip(WHY, (type(error).__name__, str(error)[:500], origin, group, made), strict=True))
    return {
        **identity,
        "lane": INTERACTIVE,
        "topic": grave_of(message.topic, group),
        "aggregatetype": group,
        "headers": orjson.dumps({**message.headers, **why}).decode(),
        "payload": message.value,
    }


def _identity(record: Record, place: str) -> tuple[dict[str, object], str]:
    try:
        event = event_of(record.message)
    except Malformed:
        made = uuid5(NAMESPACE_URL, place)  # stands in for what a malformed message lacks
        stand_in = {"id": made, "aggregateid": made, "type": "unknown", "tenant_id": made, "sequence": 0}
        return stand_in, "what it lacked"
    identity = {
        "id": event.id,
        "aggregateid": event.aggregate_id,
        "type": event.type,
        "tenant_id": event.tenant_id,
        "sequence": event.sequence,
    }
    return identity, ""
