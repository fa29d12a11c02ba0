"""Keeps a user out until resumed."""

from chassis.call import Call
from identity.role.last_admin import refuse_without_admin
from identity.session.end import end_sessions
from identity.tenant.tenant import hold_tenant
from identity.user import rules
from identity.user.user import USERS
from kith.identity.v1.user_pb2 import SuspendUserRequest, User


async def suspend_user(call: Call, request: SuspendUserRequest) -> User:
    """Sessions end; API keys rest until the user is back. Raises LastAdmin, WrongState."""
    await hold_tenant(call)
    user = await USERS.lock(call, request.id, etag=request.etag)
    rules.suspend(user)
    saved = await USERS.save(call, user, verb="suspended")
    await refuse_without_admin(call)
    await end_sessions(call, user.id)
    return saved
