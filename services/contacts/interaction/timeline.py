"""An interaction enters the timeline once, and the customer is known to have been dealt with then."""

from typing import Any

from sqlalchemy import BigInteger, Text, Uuid, bindparam, func, select

from chassis.call import Call
from chassis.database.statement import Statement
from chassis.errors import AlreadyExists, InvalidArgument, NotFound
from chassis.resource.resource import Resource
from contacts.account.account import ACCOUNTS
from contacts.contact.contact import CONTACTS
from contacts.interaction.interaction import INTERACTIONS
from contacts.service_call import as_service
from kith.contacts.v1.interaction_pb2 import Interaction

_I = INTERACTIONS.table.c
_SOURCE = bindparam("source", type_=Text)
# Twins of one source come one after the other, so that the second finds the first instead of meeting its key.
_LOCK = Statement(
    select(func.pg_advisory_xact_lock(func.hashtextextended(_SOURCE, bindparam("seed", type_=BigInteger))))
)
_FIND = Statement(
    select(_I.id).where(_I.tenant_id == bindparam("caller_tenant", type_=Uuid), _I.source == _SOURCE).limit(1)
)


async def enter(call: Call, given: Interaction) -> Interaction:
    """Make it, or answer the one that its source has made before, deleted or not.

    Raises InvalidArgument for a customer who is not there, AlreadyExists when the earlier one is not theirs to see.
    """
    if given.source and (earlier := await _made_from(call, given.source)):
        return earlier
    service = as_service(call)
    account = await _held(service, ACCOUNTS, given.account_id)
    contact = await _held(service, CONTACTS, given.contact_id)
    return await add(call, service, given, account, contact)


async def add(call: Call, service: Call, given: Interaction, account: Any, contact: Any) -> Interaction:
    """One that has not been entered; `service` holds the customers, each of them or None."""
    made = await INTERACTIONS.create(call, given, verb="logged")
    await _remember(service, ACCOUNTS, account, made)
    await _remember(service, CONTACTS, contact, made)
    return made


async def is_entered(call: Call, source: str) -> bool:
    """For a source that is an event, whose twin has waited for the inbox."""
    return bool(await call.fetch(_FIND, {"source": source}))


async def _made_from(call: Call, source: str) -> Interaction | None:
    seed = call.caller.tenant_id.int & 0x7FFF_FFFF_FFFF_FFFF
    await call.fetch(_LOCK, {"source": source, "seed": seed})
    rows = await call.fetch(_FIND, {"source": source})
    if not rows:
        return None
    try:
        return await INTERACTIONS.get(call, str(rows[0]["id"]), deleted=True)
    except NotFound:
        raise AlreadyExists("an interaction was made from this source before", source=source) from None


async def _held(service: Call, customers: Resource[Any], id: str) -> Any:
    """Accounts come before contacts in all that locks both. None for one who is not there, which the write itself
    refuses."""
    try:
        return await customers.lock(service, id) if id else None
    except (NotFound, InvalidArgument):
        return None


async def _remember(service: Call, customers: Resource[Any], customer: Any, made: Interaction) -> None:
    """Nobody needs the right to change a customer for having talked to them."""
    if customer and customer.last_interaction_time.ToNanoseconds() < made.interaction_time.ToNanoseconds():
        customer.last_interaction_time.CopyFrom(made.interaction_time)
        await customers.save(service, customer, verb="contacted")
