"""Ends a user's sessions: one's own but the present one, or another's with the right to."""

from uuid import UUID

from chassis.call import Call
from identity.doors import consequences
from identity.session import end
from identity.user.user import USERS
from kith.identity.v1.user_pb2 import EndSessionsRequest, User


async def end_sessions(call: Call, request: EndSessionsRequest) -> User:
    if UUID(request.id) != call.caller.user_id:
        call.caller.reach("identity.user.end_sessions")
    with consequences(call):
        user = await USERS.get(call, request.id)
    await end.end_sessions(call, user.id, but=call.caller.session_id)
    return user
