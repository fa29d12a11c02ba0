"""Trades the secret of a session, which a browser's cookie holds, for an access token."""

from uuid import UUID

from chassis.call import Call
from chassis.errors import Unauthenticated
from identity.authentication.opaque import digest
from identity.authentication.stored import FIND_SECRET
from identity.authority import authority_of
from identity.doors import inside, show
from identity.principal.load import load
from identity.session.session import SESSIONS
from kith.identity.v1.authentication_pb2 import ResumeSessionRequest, ResumeSessionResponse


async def resume_session(call: Call, request: ResumeSessionRequest) -> ResumeSessionResponse:
    """Raises Unauthenticated."""
    shown = digest(request.session_secret)
    await show(call.session, shown.hex())
    found = await call.fetch(FIND_SECRET, {"digest": shown})
    if not found or not found[0]["session_id"]:
        raise Unauthenticated("this session is not known")
    tenant_id, session_id = found[0]["tenant_id"], found[0]["session_id"]
    async with inside(call, tenant_id):
        session = await SESSIONS.get(call, str(session_id))
        caller = await load(call.session, tenant_id, UUID(session.owner_id), session_id)
        token, ends = await authority_of(call).keys.sign(caller)
        reply = ResumeSessionResponse(access_token=token, session_id=session.id)
        reply.access_token_expire_time.FromDatetime(ends)
        reply.session_expire_time.CopyFrom(session.expire_time)
        return reply
