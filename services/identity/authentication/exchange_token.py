"""Gives a service a token to work with on somebody's behalf (RFC 8693, within one tenant)."""

from uuid import UUID

from chassis.call import Call
from identity.authentication.read_principal import let_go
from identity.authority import authority_of
from kith.identity.v1.authentication_pb2 import ExchangeTokenRequest, ExchangeTokenResponse


async def exchange_token(call: Call, request: ExchangeTokenRequest) -> ExchangeTokenResponse:
    """`sub` is the user, or the service itself where none is named; `act` is the service either way.

    Raises Unauthenticated for a user who may not work any more, and in a tenant that is closed.
    """
    await let_go(call)
    service_id, authority = call.caller.user_id, authority_of(call)
    user_id = UUID(request.user_id) if request.user_id else service_id
    caller = await authority.directory.principal(UUID(request.tenant_id), user_id, None)
    token, ends = await authority.keys.sign(caller, act=service_id)
    reply = ExchangeTokenResponse(access_token=token)
    reply.access_token_expire_time.FromDatetime(ends)
    return reply
