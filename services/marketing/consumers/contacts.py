"""What marketing does when contacts speaks: it keeps facts about contacts and their accounts."""

from uuid import UUID

from chassis.call import Call
from chassis.events.cloud_event import Event
from chassis.events.subscription import on
from kith.contacts.v1.account_pb2 import Account, AccountEvent
from kith.contacts.v1.contact_pb2 import ContactEvent
from marketing import holds
from marketing.consumers.hear import about, cause_of, hear
from marketing.contact_fact import keep_contact
from marketing.contact_fact.known import ACCOUNTS
from marketing.contact_fact.refresh import refresh
from marketing.segment.follow import follow
from marketing.tenant import as_tenant


async def hear_contact(call: Call, message: ContactEvent, event: Event) -> None:
    """What it says of itself, and what is known of its account by now; whatever happened to it."""
    service = await as_tenant(call)
    await holds.event_of(service, event.aggregate_id)
    before = await keep_contact.before(service, event.aggregate_id)
    row = keep_contact.row_of(service, message.after, event.sequence)
    if before and before["sequence"] >= event.sequence:
        return
    news = keep_contact.is_news(before, row)
    if news:
        await holds.customers(service, [event.aggregate_id, *about([before, row], "account_id")])
    await keep_contact.keep(service, row)
    if news:
        facts = await refresh(service, contacts=[event.aggregate_id], changed=[event.aggregate_id])
        await follow(service, facts, cause_of(event))


async def hear_account(call: Call, message: AccountEvent, event: Event) -> None:
    """What it is; also before anybody of it is known."""
    account = message.after
    row = {
        "industry": account.industry,
        "type": Account.Type.Name(account.type) if account.type else "",
        "region": account.region,
        "living": not account.HasField("delete_time"),
    }
    await hear(call, event, ACCOUNTS, row, accounts=[UUID(account.id)])


HEARD_FROM_CONTACTS = [on("contacts.contact.*", hear_contact), on("contacts.account.*", hear_account)]
