"""Somebody writes down what they did with a customer."""

from chassis.call import Call
from chassis.errors import NotFound
from chassis.resource.standard import admitted, told_from_the_root
from contacts.account.account import ACCOUNTS
from contacts.contact.contact import CONTACTS
from contacts.interaction.interaction import INTERACTIONS
from contacts.interaction.timeline import enter
from kith.contacts.v1.interaction_pb2 import Interaction, LogInteractionRequest


async def log_interaction(call: Call, request: LogInteractionRequest) -> Interaction:
    """Once a `source`. What was done with a contact was done with their account, where the caller sees it."""
    given = admitted(INTERACTIONS, call, request.interaction)
    if given.contact_id and not given.account_id:
        given.account_id = await _account_of(call, given.contact_id)
    with told_from_the_root(INTERACTIONS):
        return await enter(call, given)


async def _account_of(call: Call, contact_id: str) -> str:
    try:
        contact = await CONTACTS.get(call, contact_id)
        return (await ACCOUNTS.get(call, contact.account_id)).id if contact.account_id else ""
    except NotFound:
        return ""
