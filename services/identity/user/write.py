"""Making, changing and putting away users: an e-mail in one form, no role its giver lacks, and an admin who stays."""

from chassis.call import Call
from chassis.resource.standard import standard
from identity.api_key.revoke import revoke_api_keys
from identity.external_identity.linked import unlink_all
from identity.role.last_admin import refuse_without_admin
from identity.session.end import end_sessions
from identity.tenant.tenant import hold_tenant
from identity.user import rules
from identity.user.assign_roles import refuse_wider_roles
from identity.user.user import USERS
from kith.identity.v1.user_pb2 import CreateUserRequest, DeleteUserRequest, UndeleteUserRequest, UpdateUserRequest, User

_CREATE, _UPDATE = standard(USERS, "CreateUser"), standard(USERS, "UpdateUser")


async def create_user(call: Call, request: CreateUserRequest) -> User:
    """Nobody signs in as the new user before a password is set. Raises GrantTooWide."""
    rules.tidy(request.user)
    await refuse_wider_roles(call, request.user.role_ids)
    return await _CREATE(call, request)


async def update_user(call: Call, request: UpdateUserRequest) -> User:
    request.user.email = rules.normal_email(request.user.email)
    return await _UPDATE(call, request)


async def delete_user(call: Call, request: DeleteUserRequest) -> User:
    """Out everywhere within seconds, as one who leaves. Raises LastAdmin."""
    await hold_tenant(call)
    user = await USERS.delete(call, request.id, request.etag)
    await refuse_without_admin(call)
    await end_sessions(call, user.id)
    await revoke_api_keys(call, user.id)
    await unlink_all(call, user.id)
    return user


async def undelete_user(call: Call, request: UndeleteUserRequest) -> User:
    """With the roles they had. Raises GrantTooWide."""
    user = await USERS.undelete(call, request.id, request.etag)
    await refuse_wider_roles(call, user.role_ids)
    return user
