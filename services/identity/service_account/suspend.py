"""Keeps a service account out until resumed."""

from chassis.call import Call
from identity.service_account import rules
from identity.service_account.service_account import SERVICE_ACCOUNTS
from kith.identity.v1.service_account_pb2 import ServiceAccount, SuspendServiceAccountRequest


async def suspend_service_account(call: Call, request: SuspendServiceAccountRequest) -> ServiceAccount:
    """Its API keys rest until it is back."""
    account = await SERVICE_ACCOUNTS.lock(call, request.id, etag=request.etag)
    rules.suspend(account)
    return await SERVICE_ACCOUNTS.save(call, account, verb="suspended")
