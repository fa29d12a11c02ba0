"""An account changes, and may come to be part of another."""

from chassis.call import Call
from chassis.resource.standard import named, standard
from contacts.account.account import ACCOUNTS
from contacts.account.tree import refuse_misplaced
from kith.contacts.v1.account_pb2 import Account, UpdateAccountRequest

_update = standard(ACCOUNTS, "UpdateAccount")


async def update_account(call: Call, request: UpdateAccountRequest) -> Account:
    """As every noun is updated, but never part of itself. Raises ParentCycle, TooDeep."""
    if "parent_id" in named(ACCOUNTS, request):
        await refuse_misplaced(call, request.account.id, request.account.parent_id)
    return await _update(call, request)
