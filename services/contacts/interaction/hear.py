"""An event of another service becomes an entry of the customer's timeline."""

from typing import Any

from chassis.call import Call
from chassis.errors import FailedPrecondition, NotFound
from chassis.events.cloud_event import Event
from contacts.account.account import ACCOUNTS
from contacts.contact.contact import CONTACTS
from contacts.interaction.timeline import add, is_entered
from kith.contacts.v1.interaction_pb2 import Interaction

LONGEST_SUMMARY = 500


class CustomerAbsent(FailedPrecondition):
    """Nobody of this id was ever here: the consumer tries again, and then keeps the event for a replay."""


async def hear(call: Call, event: Event, given: Interaction, about: Any) -> None:
    """Enter `given` for the customer that `about` names by `account_id`, `contact_id` or both; once an event.

    It belongs to who answers for the customer. A customer who was deleted gets no more entries, and a record without
    one has no timeline. Raises CustomerAbsent.
    """
    given.source = source_of(event)
    if await is_entered(call, given.source):
        return
    account, contact = await _held(call, about)
    customer = contact or account
    if customer is None:
        return
    given.contact_id, given.account_id = contact.id if contact else "", account.id if account else ""
    given.owner_id, given.team_id = customer.owner_id, customer.team_id
    given.summary = given.summary[:LONGEST_SUMMARY] or given.source_record
    given.interaction_time.FromDatetime(event.time)
    await add(call, call, given, account, contact)


def source_of(event: Event) -> str:
    """`sales.opportunity.won/<id>/<sequence>`: what happened to what, and which time."""
    what = event.type.removeprefix("kith.").rpartition(".")[0]
    return f"{what}/{event.aggregate_id}/{event.sequence}"


async def _held(call: Call, about: Any) -> tuple[Any, Any]:
    """Account and contact, each held until it is known that they were dealt with; accounts first, as everywhere."""
    contact_id, account_id = getattr(about, "contact_id", ""), getattr(about, "account_id", "")
    if contact_id and not account_id:
        try:
            account_id = (await CONTACTS.get(call, contact_id)).account_id
        except NotFound:
            account_id = ""
    return await _living(call, ACCOUNTS, account_id), await _living(call, CONTACTS, contact_id)


async def _living(call: Call, customers: Any, id: str) -> Any:
    """None for one that was deleted, or that nobody named."""
    if not id:
        return None
    try:
        return await customers.lock(call, id)
    except NotFound:
        pass
    try:
        await customers.get(call, id, deleted=True)
    except NotFound:
        raise CustomerAbsent(f"{customers.noun.title} {id} is not here", id=id) from None
    return None
