"""Making, changing and putting away users: an e-mail in one form, no role its giver lacks, and an admin who stays."""

from chassis.call import Call
from chassis.errors import InvalidArgument
from chassis.ids import parse_id
from chassis.resource.standard import named, standard
from identity.account.holder import holder_of
from identity.api_key.revoke import revoke_api_keys
from identity.external_identity.linked import unlink_all
from identity.link import link as links
from identity.link.link import Purpose
from identity.mails import mails
from identity.role.last_admin import refuse_without_admin
from identity.session.end import end_sessions
from identity.tenant.tenant import hold_tenant
from identity.user import rules
from identity.user.assign_roles import refuse_wider_roles
from identity.user.functions import roles_of
from identity.user.stronger import refuse_stronger
from identity.user.user import USERS
from kith.identity.v1.user_pb2 import CreateUserRequest, DeleteUserRequest, UndeleteUserRequest, UpdateUserRequest, User

_CREATE, _UPDATE = standard(USERS, "CreateUser"), standard(USERS, "UpdateUser")


async def create_user(call: Call, request: CreateUserRequest) -> User:
    """Nobody signs in as the new user before a password is set. Raises GrantTooWide."""
    rules.tidy(request.user)
    rules.follow_functions(request.user, (), await roles_of(call, request.user))
    await refuse_wider_roles(call, request.user.role_ids)
    return await _CREATE(call, request)


async def update_user(call: Call, request: UpdateUserRequest) -> User:
    """Where links to a password are sent is as good as the password: one's own e-mail changes by RequestEmailChange,
    another's takes all that they may do, and the old address is told. Raises GrantTooWide."""
    request.user.email = rules.normal_email(request.user.email)
    if "email" not in named(USERS, request):
        return await _UPDATE(call, request)
    user_id = parse_id(request.user.id)
    holder = await holder_of(call, user_id)
    if moved := holder.email not in ("", request.user.email):
        if user_id == call.caller.user_id:
            raise InvalidArgument.of("user.email", "changes by RequestEmailChange")
        await refuse_stronger(call, user_id)
    saved = await _UPDATE(call, request)
    if moved:
        await links.drop(call, user_id, *Purpose)
        await mails.notice(call, "email_changed", holder, email=saved.email)
    return saved


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
