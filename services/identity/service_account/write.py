"""Making, changing and putting away service accounts: none may do more than whoever gives it its roles."""

from chassis.call import Call
from chassis.resource.standard import standard
from identity.api_key.revoke import revoke_api_keys
from identity.service_account.service_account import SERVICE_ACCOUNTS
from identity.user.assign_roles import refuse_wider_roles
from kith.identity.v1.service_account_pb2 import (
    CreateServiceAccountRequest,
    DeleteServiceAccountRequest,
    ServiceAccount,
    UndeleteServiceAccountRequest,
    UpdateServiceAccountRequest,
)

_CREATE = standard(SERVICE_ACCOUNTS, "CreateServiceAccount")
_UPDATE = standard(SERVICE_ACCOUNTS, "UpdateServiceAccount")


async def create_service_account(call: Call, request: CreateServiceAccountRequest) -> ServiceAccount:
    """Raises GrantTooWide."""
    account = await _CREATE(call, request)
    await refuse_wider_roles(call, account.role_ids)
    return account


async def update_service_account(call: Call, request: UpdateServiceAccountRequest) -> ServiceAccount:
    """Raises GrantTooWide for what comes and for what goes."""
    before = await SERVICE_ACCOUNTS.get(call, request.service_account.id)
    after = await _UPDATE(call, request)
    await refuse_wider_roles(call, {*before.role_ids} ^ {*after.role_ids})
    return after


async def delete_service_account(call: Call, request: DeleteServiceAccountRequest) -> ServiceAccount:
    """Out everywhere within seconds; its keys stay revoked whatever comes after."""
    account = await SERVICE_ACCOUNTS.delete(call, request.id, request.etag)
    await revoke_api_keys(call, account.id)
    return account


async def undelete_service_account(call: Call, request: UndeleteServiceAccountRequest) -> ServiceAccount:
    """With the roles it had. Raises GrantTooWide."""
    account = await SERVICE_ACCOUNTS.undelete(call, request.id, request.etag)
    await refuse_wider_roles(call, account.role_ids)
    return account
