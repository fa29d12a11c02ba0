"""The audit trail of a test's tenant: what waits in the outbox is heard, as identity's consumer hears it."""

from collections.abc import Sequence
from typing import Any

from chassis.events.bus import Message, Record
from chassis.events.cloud_event import message_of
from chassis.events.consumer import Consumer
from chassis.events.outbox import topic_of
from identity.app import SERVICE
from tests.identity.suite import World

HEARD = "delete from outbox where position = any($1::bigint[])"


def consumer(world: World) -> Consumer:
    return Consumer(world.replica.calls, SERVICE.subscriptions)


async def waiting(world: World) -> list[Record]:
    """What the relay would publish now, which counts as published."""
    rows = await world.admin.fetch("select * from outbox order by position")
    await world.admin.execute(HEARD, [row["position"] for row in rows])
    return records([message_of(row) for row in rows])


def records(messages: Sequence[Message], begin: int = 0) -> list[Record]:
    return [Record(message, 0, begin + at) for at, message in enumerate(messages)]


async def heard(world: World) -> None:
    """All that was written so far is in the trail."""
    if found := await waiting(world):
        await consumer(world)(found)


async def entries(world: World, filter: str = "") -> list[Any]:
    """What the boss finds, in the order of the chain."""
    await heard(world)
    found = await world.boss.ListAuditEntries(filter=filter, order_by="sequence", page_size=200)
    return list(found.audit_entries)


def event(topic: str, type: str, tenant_id: str, id: str, message: Any, sequence: int = 1, **headers: str) -> Message:
    """As another service's relay writes it."""
    said = {
        "ce_id": headers.pop("event_id"),
        "ce_type": type,
        "ce_tenantid": tenant_id,
        "ce_subject": id,
        "ce_sequence": str(sequence),
        "ce_time": "2026-11-30T08:00:00+00:00",
    }
    return Message(topic_of(topic), id, said | headers, message.SerializeToString())
