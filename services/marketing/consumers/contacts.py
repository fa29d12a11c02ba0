"""What marketing does when contacts speaks: it keeps facts about contacts and their accounts."""

from collections.abc import Sequence
from typing import Any

from chassis.call import Call
from chassis.events.subscription import Heard, on_many
from kith.contacts.v1.account_pb2 import Account, AccountEvent
from kith.contacts.v1.contact_pb2 import ContactEvent
from marketing import holds
from marketing.consumers.hear import about, cause_of, hear
from marketing.contact_fact import keep_contact
from marketing.contact_fact.known import ACCOUNTS
from marketing.contact_fact.refresh import refresh
from marketing.segment.follow import follow
from marketing.tenant import as_tenant


async def hear_contacts(call: Call, heard: Sequence[Heard[ContactEvent]]) -> None:
    """What they say of themselves, and what is known of their accounts by now; whatever happened to them."""
    service = await as_tenant(call)
    await holds.events_of(service, [event.aggregate_id for _, event in heard])
    before = await keep_contact.before(service, [event.aggregate_id for _, event in heard])
    rows = [keep_contact.row_of(service, message.after, event.sequence) for message, event in heard]
    rows = [row for row in rows if row["id"] not in before or before[row["id"]]["sequence"] < row["sequence"]]
    if not rows:
        return
    news = [row for row in rows if keep_contact.is_news(before.get(row["id"]), row)]
    told = [row["id"] for row in news]
    if news:
        known = [*news, *(before[id] for id in told if id in before)]
        await holds.customers(service, [*told, *about(known, "account_id")])
    await keep_contact.keep(service, rows)
    if news:
        facts = await refresh(service, contacts=told, changed=told)
        await follow(service, facts, cause_of(heard[0].event))


async def hear_accounts(call: Call, heard: Sequence[Heard[AccountEvent]]) -> None:
    """What they are; also before anybody of them is known."""
    await hear(call, ACCOUNTS, [(event, _account(message.after)) for message, event in heard], of_accounts=True)


def _account(account: Account) -> dict[str, Any]:
    return {
        "industry": account.industry,
        "type": Account.Type.Name(account.type) if account.type else "",
        "region": account.region,
        "living": not account.HasField("delete_time"),
    }


HEARD_FROM_CONTACTS = [on_many("contacts.contact.*", hear_contacts), on_many("contacts.account.*", hear_accounts)]
