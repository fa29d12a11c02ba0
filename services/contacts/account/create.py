"""A new account, which may be part of another."""

from chassis.call import Call
from chassis.ids import new_id
from chassis.resource.standard import standard
from contacts.account.account import ACCOUNTS
from contacts.account.tree import refuse_misplaced
from kith.contacts.v1.account_pb2 import Account, CreateAccountRequest

_create = standard(ACCOUNTS, "CreateAccount")


async def create_account(call: Call, request: CreateAccountRequest) -> Account:
    """As every noun is created, but no deeper than accounts go. Raises TooDeep."""
    await refuse_misplaced(call, request.id or str(new_id()), request.account.parent_id)
    return await _create(call, request)
