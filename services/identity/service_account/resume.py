"""Lets a suspended service account call again."""

from chassis.call import Call
from identity.service_account import rules
from identity.service_account.service_account import SERVICE_ACCOUNTS
from kith.identity.v1.service_account_pb2 import ResumeServiceAccountRequest, ServiceAccount


async def resume_service_account(call: Call, request: ResumeServiceAccountRequest) -> ServiceAccount:
    """By the API keys it had. Raises NotSuspended."""
    account = await SERVICE_ACCOUNTS.lock(call, request.id, etag=request.etag)
    rules.resume(account)
    return await SERVICE_ACCOUNTS.save(call, account, verb="resumed")
