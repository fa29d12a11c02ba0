"""What conversion asks of contacts, each call safe to repeat: ids and request ids are the saga's own."""

from contextlib import suppress

from chassis.call import Call
from chassis.errors import AlreadyExists, NotFound
from kith.contacts.v1 import account_pb2, contact_pb2
from kith.contacts.v1.account_pb2 import (
    Account,
    CreateAccountRequest,
    DeleteAccountRequest,
    GetAccountRequest,
    ListAccountsRequest,
    ListAccountsResponse,
)
from kith.contacts.v1.contact_pb2 import Contact, CreateContactRequest, DeleteContactRequest, GetContactRequest
from kith.sales.v1.lead_pb2 import Lead

_ACCOUNTS = account_pb2.DESCRIPTOR.services_by_name["Accounts"].methods_by_name
_CONTACTS = contact_pb2.DESCRIPTOR.services_by_name["Contacts"].methods_by_name


async def account_of(call: Call, lead: Lead, named: str, made: str) -> tuple[str, bool]:
    """The account's id, and whether it was made here as `made`; no id for a lead without a company.

    Raises NotFound for a named one that is not there for the caller.
    """
    if named:
        return (await call.beyond(_ACCOUNTS["GetAccount"], GetAccountRequest(id=named), Account)).id, False
    if not lead.company:
        return "", False
    wanted = ListAccountsRequest(filter=f"display_name = {_quoted(lead.company)}", order_by="create_time", page_size=1)
    known = await call.beyond(_ACCOUNTS["ListAccounts"], wanted, ListAccountsResponse)
    if known.accounts and known.accounts[0].id != made:
        return known.accounts[0].id, False
    account = Account(display_name=lead.company, region=lead.region, owner_id=lead.owner_id, type=Account.PROSPECT)
    if lead.HasField("address"):
        account.billing_address.CopyFrom(lead.address)
    request = CreateAccountRequest(account=account, id=made, request_id=made)
    return (await call.beyond(_ACCOUNTS["CreateAccount"], request, Account)).id, True


async def contact_of(call: Call, lead: Lead, named: str, account_id: str, made: str) -> str:
    """The contact's id: the named one's, or that of a new one, `made`. Raises NotFound as `account_of`."""
    if named:
        return (await call.beyond(_CONTACTS["GetContact"], GetContactRequest(id=named), Contact)).id
    contact = Contact(
        display_name=lead.display_name,
        family_name=lead.family_name,
        given_name=lead.given_name,
        emails=lead.emails,
        phones=lead.phones,
        position=lead.position,
        source=lead.source,
        account_id=account_id,
        owner_id=lead.owner_id,
    )
    if lead.HasField("address"):
        contact.address.CopyFrom(lead.address)
    request = CreateContactRequest(contact=contact, id=made, request_id=made)
    return (await call.beyond(_CONTACTS["CreateContact"], request, Contact)).id


async def forget_account(call: Call, id: str) -> None:
    """Gone already is as good."""
    with suppress(NotFound, AlreadyExists):
        await call.beyond(_ACCOUNTS["DeleteAccount"], DeleteAccountRequest(id=id, request_id=f"forget {id}"), Account)


async def forget_contact(call: Call, id: str) -> None:
    """Gone already is as good."""
    with suppress(NotFound, AlreadyExists):
        await call.beyond(_CONTACTS["DeleteContact"], DeleteContactRequest(id=id, request_id=f"forget {id}"), Contact)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
