"""What the suite's own programs ask identity: keys, principals, their changes, and tokens to work with for others."""

from collections.abc import AsyncIterator
from uuid import UUID

from chassis.access.principal import principal_of
from chassis.call import Call
from identity.authority import authority_of
from kith.identity.v1.authentication_pb2 import (
    ExchangeTokenRequest,
    ExchangeTokenResponse,
    GetJwksRequest,
    GetJwksResponse,
    GetKeyHolderRequest,
    GetPrincipalRequest,
    JsonWebKey,
    Principal,
    WatchPrincipalsRequest,
    WatchPrincipalsResponse,
)


async def get_jwks(call: Call, request: GetJwksRequest) -> GetJwksResponse:
    return GetJwksResponse(keys=[JsonWebKey(**key) for key in (await authority_of(call).keys.jwks())["keys"]])


async def get_principal(call: Call, request: GetPrincipalRequest) -> Principal:
    await _let_go(call)
    session_id = UUID(request.session_id) if request.session_id else None
    tenant_id, user_id = UUID(request.tenant_id), UUID(request.user_id)
    return principal_of(await authority_of(call).directory.principal(tenant_id, user_id, session_id))


async def get_key_holder(call: Call, request: GetKeyHolderRequest) -> Principal:
    await _let_go(call)
    return principal_of(await authority_of(call).directory.key_holder(request.digest))


async def watch_principals(call: Call, request: WatchPrincipalsRequest) -> AsyncIterator[WatchPrincipalsResponse]:
    async for change in authority_of(call).changes.listen():
        tenant_id, user_id = change or (None, None)
        yield WatchPrincipalsResponse(tenant_id=str(tenant_id or ""), user_id=str(user_id or ""))


async def exchange_token(call: Call, request: ExchangeTokenRequest) -> ExchangeTokenResponse:
    """`sub` is the user, or the service itself where none is named; `act` is the service either way."""
    await _let_go(call)
    service_id, authority = call.caller.user_id, authority_of(call)
    user_id = UUID(request.user_id) if request.user_id else service_id
    caller = await authority.directory.principal(UUID(request.tenant_id), user_id, None)
    token, ends = await authority.keys.sign(caller, act=service_id)
    reply = ExchangeTokenResponse(access_token=token)
    reply.access_token_expire_time.FromDatetime(ends)
    return reply


async def _let_go(call: Call) -> None:
    """The directory takes a connection of its own; whoever holds one while waiting for another may wait for ever."""
    await call.session.finish(commit=True)
