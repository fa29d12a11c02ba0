"""Events become what is known of their records, and the facts and segments that follow from it."""

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
    call: Call, known: Known, heard: Sequence[tuple[Event, Mapping[str, Any]]], *, of_accounts: bool = False
) -> None:
    """Keep what is said of the events' records, unless something newer is known; and where it is news, put right the
    facts of the contacts and accounts that they are about, or were before. `of_accounts`: they are accounts."""
    rows = [{**said, "id": event.aggregate_id, "sequence": event.sequence} for event, said in heard]
    service, ids = await as_tenant(call), [row["id"] for row in rows]
    await holds.events_of(service, ids)
    before = await known.before(service, ids)
    rows = [row for row in rows if row["id"] not in before or before[row["id"]]["sequence"] < row["sequence"]]
    if not rows:
        return
    news = [row for row in rows if known.is_news(before.get(row["id"]), row)]
    told = [*news, *(before[row["id"]] for row in news if row["id"] in before)]
    contacts, accounts = about(told, "contact_id"), about(told, "id" if of_accounts else "account_id")
    await holds.customers(service, [*contacts, *accounts])
    await known.keep(service, rows)
    if news:
        await follow(service, await refresh(service, contacts=contacts, accounts=accounts), cause_of(heard[0][0]))


def about(rows: Iterable[Mapping[str, Any]], field: str) -> list[UUID]:
    """Whom rows point at by one field, if they have it."""
    return list({row[field] for row in rows if row.get(field)})


def cause_of(event: Event) -> str:
    """`sales.opportunity.won`"""
    return event.type.removeprefix("kith.").rpartition(".")[0]


def id_of(text: str) -> UUID | None:
    return UUID(text) if text else None
