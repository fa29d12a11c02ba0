"""Tells the suite's own programs who may do what: of a user or service in a tenant, or behind an API key."""

from uuid import UUID

from chassis.access.principal import principal_of
from chassis.call import Call
from identity.authority import authority_of
from kith.identity.v1.authentication_pb2 import (
    GetKeyHolderRequest,
    GetPrincipalRequest,
    GetRoleChangeRequest,
    GetRoleChangeResponse,
    Principal,
)


async def get_principal(call: Call, request: GetPrincipalRequest) -> Principal:
    """Raises Unauthenticated."""
    await let_go(call)
    session_id = UUID(request.session_id) if request.session_id else None
    tenant_id, user_id = UUID(request.tenant_id), UUID(request.user_id)
    api_key_id = UUID(request.api_key_id) if request.api_key_id else None
    return principal_of(await authority_of(call).directory.principal(tenant_id, user_id, session_id, api_key_id))


async def get_key_holder(call: Call, request: GetKeyHolderRequest) -> Principal:
    """Raises Unauthenticated."""
    await let_go(call)
    return principal_of(await authority_of(call).directory.key_holder(request.digest))


async def get_role_change(call: Call, request: GetRoleChangeRequest) -> GetRoleChangeResponse:
    """Raises NotFound, InvalidArgument, RoleCycle."""
    await let_go(call)
    found = await authority_of(call).directory.role_change(UUID(request.tenant_id), request.change)
    return GetRoleChangeResponse(
        user_count=found.user_count,
        holders=[
            GetRoleChangeResponse.Holder(before=principal_of(before), after=principal_of(after))
            for before, after in found.holders
        ],
    )


async def let_go(call: Call) -> None:
    """The directory takes a connection of its own; whoever holds one while waiting for another may wait for ever."""
    await call.session.finish(commit=True)
