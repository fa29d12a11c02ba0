"""A session that has shown a second factor: it may do everything, and what it was known by is replaced."""

import os
from datetime import timedelta
from uuid import UUID

from chassis.call import Call
from chassis.errors import FailedPrecondition
from identity.authentication.opaque import SESSION, RefreshToken, digest, new_secret
from identity.authentication.stored import RESEED_FAMILY, TURN_SECRET
from identity.authority import authority_of
from identity.doors import consequences
from identity.principal.load import load
from identity.session.session import SESSIONS
from kith.identity.v1.second_factor_pb2 import VerifiedSession

RECENT = timedelta(minutes=15)


class SignInAgain(FailedPrecondition): ...


async def step_up(call: Call, method: str) -> VerifiedSession:
    """Its secret and refresh token are replaced: whoever had them before the second factor was shown has nothing."""
    session_id = session_of(call)
    with consequences(call):
        session = await SESSIONS.lock(call, str(session_id))
        if method not in session.auth_methods:
            session.auth_methods.append(method)
        session = await SESSIONS.save(call, session, verb="verified")
    secret, seed, key = new_secret(SESSION), os.urandom(32), authority_of(call).sealing
    await call.fetch(TURN_SECRET, {"session": session_id, "digest": digest(secret)})
    await call.fetch(RESEED_FAMILY, {"session": session_id, "seed": seed, "generation": 1})
    refresh = RefreshToken(call.caller.tenant_id, session_id, 1).written(seed, key)
    caller = await load(call.session, call.caller.tenant_id, call.caller.user_id, session_id)
    token, ends = await authority_of(call).keys.sign(caller)
    reply = VerifiedSession(
        access_token=token,
        session_secret=secret,
        session_expire_time=session.expire_time,
        refresh_token=refresh,
    )
    reply.access_token_expire_time.FromDatetime(ends)
    return reply


def session_of(call: Call) -> UUID:
    """Raises SignInAgain for a caller without a session, such as a program with a key."""
    if call.caller.session_id is None:
        raise SignInAgain("this takes a session, and an API key has none")
    return call.caller.session_id


async def refuse_old_session(call: Call) -> None:
    """An open browser is not enough. Raises SignInAgain."""
    session_id = session_of(call)
    with consequences(call):
        session = await SESSIONS.get(call, str(session_id))
    if call.now - session.create_time.ToDatetime(call.now.tzinfo) > RECENT:
        raise SignInAgain("the session is older than 15 minutes")
