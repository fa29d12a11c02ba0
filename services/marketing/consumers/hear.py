"""One event becomes what is known of its record, and the facts and segments that follow from it."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from chassis.call import Call
from chassis.events.cloud_event import Event
from marketing import holds
from marketing.contact_fact.known import Known
from marketing.contact_fact.refresh import refresh
from marketing.segment.follow import follow
from marketing.tenant import as_tenant


async def hear(
    call: Call, event: Event, known: Known, said: Mapping[str, Any], *, accounts: Sequence[UUID] = ()
) -> None:
    """Keep what is `said` of the event's record, unless something newer is known; and if it is news, put right the
    facts of the contacts and accounts that it is about, or was before."""
    service = await as_tenant(call)
    await holds.events_of(service, [event.aggregate_id])
    row = {**said, "id": event.aggregate_id, "sequence": event.sequence}
    before = await known.before(service, event.aggregate_id)
    if before and before["sequence"] >= event.sequence:
        return
    if not known.is_news(before, row):
        await known.keep(service, row)
        return
    contacts = about([before, row], "contact_id")
    accounts = [*accounts, *about([before, row], "account_id")]
    await holds.customers(service, [*contacts, *accounts])
    await known.keep(service, row)
    await follow(service, await refresh(service, contacts=contacts, accounts=accounts), cause_of(event))


def about(rows: Iterable[Mapping[str, Any] | None], field: str) -> list[UUID]:
    """Whom rows point at by one field, if they have it."""
    return list({row[field] for row in rows if row and field in row and row[field]})


def cause_of(event: Event) -> str:
    """`sales.opportunity.won`"""
    return event.type.removeprefix("kith.").rpartition(".")[0]


def id_of(text: str) -> UUID | None:
    return UUID(text) if text else None
