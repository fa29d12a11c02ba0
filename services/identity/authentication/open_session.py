"""Begins a session: the one way in, whatever somebody showed who they are by."""

import os
from datetime import timedelta
from uuid import UUID

from sqlalchemy import Uuid, bindparam, func, update

from chassis.call import Call
from chassis.database.statement import Statement
from identity.authentication.opaque import SESSION, RefreshToken, digest, new_secret
from identity.authentication.stored import ADD_SECRET, BEGIN_FAMILY
from identity.authority import authority_of
from identity.principal.load import load
from identity.session.session import KEPT, SESSIONS
from identity.user.user import table as users
from kith.identity.v1.authentication_pb2 import SignInResponse
from kith.identity.v1.session_pb2 import Session

# No change of the user: it is written past history and events, of which the session's own tell.
_NOTE = Statement(
    update(users)
    .where(users.c.tenant_id == bindparam("caller_tenant", type_=Uuid), users.c.id == bindparam("user", type_=Uuid))
    .values(last_sign_in_time=func.now())
)


async def open_session(
    call: Call, user_id: UUID, lasts: timedelta, device: str, auth_methods: list[str]
) -> SignInResponse:
    """For one who showed who they are, by `auth_methods`; `call` is inside the tenant. Where they have or need a second
    factor, it is due in the session.

    Raises Unauthenticated for a user who may not work (any more), and in a tenant that is closed.
    """
    expires = call.now + lasts
    given = Session(owner_id=str(user_id), device=device, auth_methods=auth_methods)
    given.expire_time.FromDatetime(expires)
    given.purge_time.FromDatetime(expires + KEPT)
    session = await SESSIONS.create(call, given)
    secret, session_id, seed = new_secret(SESSION), UUID(session.id), os.urandom(32)
    await call.fetch(BEGIN_FAMILY, {"session": session_id, "seed": seed, "generation": 1})
    await call.fetch(ADD_SECRET, {"digest": digest(secret), "session": session_id, "api_key": None})
    await call.fetch(_NOTE, {"user": user_id})
    caller = await load(call.session, call.caller.tenant_id, user_id, session_id)
    token, ends = await authority_of(call).keys.sign(caller)
    refresh = RefreshToken(call.caller.tenant_id, session_id, 1).written(seed, authority_of(call).sealing)
    reply = SignInResponse(session_id=session.id, access_token=token, refresh_token=refresh, session_secret=secret)
    reply.access_token_expire_time.FromDatetime(ends)
    reply.session_expire_time.FromDatetime(expires)
    return reply
