"""Trades a refresh token for the next: each is good once, and its later use gives a thief away."""

import os
from datetime import timedelta
from uuid import UUID

from chassis.call import Call
from chassis.errors import Unauthenticated
from identity.authentication.opaque import digest, successor
from identity.authentication.stored import ADD_REFRESH, FIND_REFRESH, FORGET_REFRESH, HOLD_REFRESH, SPEND_REFRESH
from identity.authority import authority_of
from identity.doors import inside, show
from identity.principal.load import load
from identity.session.end import end
from identity.session.session import SESSIONS
from kith.identity.v1.authentication_pb2 import RefreshTokenRequest, RefreshTokenResponse

GRACE = timedelta(seconds=10)  # for a reply that got lost, and for two tabs at once (RFC 9700, 4.14.2)


async def refresh_token(call: Call, request: RefreshTokenRequest) -> RefreshTokenResponse:
    """Concurrent uses wait for each other, and within the grace all get the one successor.

    Raises Unauthenticated; for a token spent before, only after its session has ended.
    """
    shown = digest(request.refresh_token)
    await show(call.session, shown.hex())
    found = await call.fetch(FIND_REFRESH, {"digest": shown})
    if not found:
        raise Unauthenticated("this refresh token is not known")
    async with inside(call, found[0]["tenant_id"]):
        return await _next(call, request.refresh_token, shown)


async def _next(call: Call, token: str, shown: bytes) -> RefreshTokenResponse:
    held = await call.fetch(HOLD_REFRESH, {"digest": shown})
    if not held:
        raise Unauthenticated("this session has ended")
    session_id, seed, spent = held[0]["session_id"], held[0]["seed"], held[0]["spend_time"]
    if spent and call.now - spent > GRACE:
        await _end_family(call, session_id)
        raise Unauthenticated("this refresh token was used before; its session is ended")
    following = successor(token, seed, authority_of(call).sealing)
    if not spent:
        await call.fetch(SPEND_REFRESH, {"digest": shown, "moment": call.now})
        added = {"digest": digest(following), "session": session_id, "seed": os.urandom(16)}
        await call.fetch(ADD_REFRESH, added)
    session = await SESSIONS.get(call, str(session_id))
    caller = await load(call.session, call.caller.tenant_id, UUID(session.owner_id), session_id)
    access, ends = await authority_of(call).keys.sign(caller)
    reply = RefreshTokenResponse(access_token=access, refresh_token=following)
    reply.access_token_expire_time.FromDatetime(ends)
    return reply


async def _end_family(call: Call, session_id: UUID) -> None:
    """Committed here, since the refusal that follows undoes what is not."""
    await end(call, str(session_id))
    await call.fetch(FORGET_REFRESH, {"session": session_id})
    await call.session.finish(commit=True)
