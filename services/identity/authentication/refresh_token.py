"""Trades a refresh token for the next: each is good once, and its later use gives a thief away."""

import hmac
from datetime import timedelta
from typing import Any
from uuid import UUID

from chassis.call import Call
from chassis.errors import Unauthenticated
from identity.authentication.opaque import RefreshToken
from identity.authentication.stored import HOLD_FAMILY, TURN_FAMILY
from identity.authority import authority_of
from identity.doors import inside
from identity.principal.load import load
from identity.session.end import end
from identity.session.session import SESSIONS
from kith.identity.v1.authentication_pb2 import RefreshTokenRequest, RefreshTokenResponse

GRACE = timedelta(seconds=10)  # for a reply that got lost, and for two tabs at once (RFC 9700, 4.14.2)


async def refresh_token(call: Call, request: RefreshTokenRequest) -> RefreshTokenResponse:
    """Concurrent uses wait for each other, and within the grace all get the one successor.

    Raises Unauthenticated; for a token used before, only after its session has ended.
    """
    shown = RefreshToken.read(request.refresh_token)
    async with inside(call, shown.tenant_id):
        held = await call.fetch(HOLD_FAMILY, {"session": shown.session_id})
        key = authority_of(call).sealing
        if not held or not hmac.compare_digest(shown.written(held[0]["seed"], key), request.refresh_token):
            raise Unauthenticated("this refresh token is not known")
        following = await _turned(call, shown, held[0])
        session = await SESSIONS.get(call, str(shown.session_id))
        caller = await load(call.session, shown.tenant_id, UUID(session.owner_id), shown.session_id)
        access, ends = await authority_of(call).keys.sign(caller)
        reply = RefreshTokenResponse(access_token=access, refresh_token=following.written(held[0]["seed"], key))
        reply.access_token_expire_time.FromDatetime(ends)
        return reply


async def _turned(call: Call, shown: RefreshToken, family: Any) -> RefreshToken:
    newest: int = family["generation"]
    if shown.generation == newest:
        newest += 1
        await call.fetch(TURN_FAMILY, {"session": shown.session_id, "generation": newest, "moment": call.now})
    elif shown.generation < newest - 1 or call.now - family["turn_time"] > GRACE:
        await end(call, str(shown.session_id))
        await call.session.finish(commit=True)  # here, since the refusal that follows undoes what is not
        raise Unauthenticated("this refresh token was used before; its session is ended")
    return RefreshToken(shown.tenant_id, shown.session_id, newest)
