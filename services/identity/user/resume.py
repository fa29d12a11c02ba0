"""Lets a suspended user work again."""

from chassis.call import Call
from identity.user import rules
from identity.user.user import USERS
from kith.identity.v1.user_pb2 import ResumeUserRequest, User


async def resume_user(call: Call, request: ResumeUserRequest) -> User:
    """API keys work again, sessions have ended. Raises WrongState."""
    user = await USERS.lock(call, request.id, etag=request.etag)
    rules.resume(user)
    return await USERS.save(call, user, verb="resumed")
