"""Ends a user's work for good."""

from chassis.call import Call
from identity.api_key.revoke import revoke_api_keys
from identity.doors import consequences
from identity.role.last_admin import refuse_without_admin
from identity.session.end import end_sessions
from identity.tenant.tenant import hold_tenant
from identity.user import rules
from identity.user.user import USERS
from kith.identity.v1.user_pb2 import DeactivateUserRequest, User, UserEventDetails


async def deactivate_user(call: Call, request: DeactivateUserRequest) -> User:
    """Services that hear of it hand the user's records to the successor. Raises LastAdmin, WrongState."""
    await hold_tenant(call)
    user = await USERS.lock(call, request.id, etag=request.etag)
    with consequences(call):
        successor = await USERS.get(call, request.successor_id)
    rules.deactivate(user, successor)
    details = UserEventDetails(successor_id=successor.id)
    saved = await USERS.save(call, user, verb="deactivated", details=details)
    await refuse_without_admin(call)
    await end_sessions(call, user.id)
    await revoke_api_keys(call, user.id)
    return saved
