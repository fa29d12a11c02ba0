"""Dead letters as whoever looks after them sees them: which, why, and given to their reader once more."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import NAMESPACE_URL, UUID, uuid5

import orjson
from sqlalchemy import Text, Uuid, bindparam, delete
from sqlalchemy.dialects.postgresql import insert

from chassis.database.statement import Statement
from chassis.database.worker import Connection, fetch
from chassis.events.bus import EventBus, Record
from chassis.events.cloud_event import event_of
from chassis.events.consumer import group_of
from chassis.events.dead_letter import WHY, grave_of
from chassis.events.inbox import INBOX
from chassis.events.outbox import ADD, INTERACTIVE
from chassis.service import Service

_consumer, _event = bindparam("consumer", type_=Text), bindparam("event_id", type_=Uuid)
_CLAIM = Statement(
    insert(INBOX).values(consumer=_consumer, event_id=_event).on_conflict_do_nothing().returning(INBOX.c.event_id)
)
_FORGET = Statement(delete(INBOX).where(INBOX.c.consumer == _consumer, INBOX.c.event_id == _event))


class NotReplayable(Exception):
    """It never was an event: whoever wrote it has to write a better one."""


@dataclass(frozen=True, slots=True)
class Letter:
    """One record that a group could not digest, as it lies in `<topic>.<group>.dlt`."""

    record: Record

    def said(self, header: str) -> str:
        """What a header says; "" if it is missing."""
        return self.record.message.headers.get(header, "")

    @property
    def id(self) -> UUID:
        """Of this letter; the event in it may be buried once more."""
        record = self.record
        return uuid5(NAMESPACE_URL, f"{record.message.topic}/{record.partition}/{record.offset}/{self.said('ce_id')}")


def graves_of(service: Service) -> list[str]:
    """The topics of what this service could not digest."""
    group = group_of(service.name)
    return sorted({grave_of(topic, group) for one in service.subscriptions for topic in one.topics})


async def letters_in(bus: EventBus, graves: Sequence[str]) -> list[Letter]:
    """What lies in these topics, oldest event first. Raises BusAway."""
    letters = [Letter(record) for record in await bus.read(graves)]
    return sorted(letters, key=lambda letter: letter.said("ce_time"))


async def replay(connection: Connection, letter: Letter) -> bool:
    """Let its reader, in whose database `connection` is as the owner, forget it, and publish it where it came from.

    Once for each letter, however often it is asked for; whether this was that time. The other readers of the topic know
    the event already. Raises NotReplayable.
    """
    message = letter.record.message
    if letter.said("dlt_made"):
        raise NotReplayable("it was no event: headers were missing or wrong")
    event = event_of(message)
    group = letter.said("dlt_group")
    row: dict[str, object] = {
        "lane": INTERACTIVE,
        "topic": letter.said("dlt_origin").split("/")[0],
        "id": event.id,
        "aggregatetype": letter.said("ce_source").strip("/").replace("/", "."),
        "aggregateid": event.aggregate_id,
        "type": event.type,
        "tenant_id": event.tenant_id,
        "sequence": event.sequence,
        "headers": orjson.dumps({name: text for name, text in message.headers.items() if name not in WHY}).decode(),
        "payload": message.value,
    }
    async with connection.transaction():
        if not await fetch(connection, _CLAIM, consumer=f"{group}.dlt", event_id=letter.id):
            return False
        await fetch(connection, _FORGET, consumer=group, event_id=event.id)
        await fetch(connection, ADD, **row)
    return True
