"""Makes a user whom a mail invites to choose a password."""

from uuid import UUID

from chassis.call import Call
from chassis.resource.standard import admitted, told_from_the_root
from identity.account.holder import holder_of
from identity.mails import mails
from identity.user import rules
from identity.user.assign_roles import refuse_wider_roles
from identity.user.functions import roles_of
from identity.user.user import USERS
from kith.identity.v1.user_pb2 import InviteUserRequest, User


async def invite_user(call: Call, request: InviteUserRequest) -> User:
    """Nobody signs in as them before the link is followed. Raises GrantTooWide."""
    rules.tidy(request.user)
    rules.follow_functions(request.user, (), await roles_of(call, request.user))
    await refuse_wider_roles(call, request.user.role_ids)
    given = admitted(USERS, call, request.user)
    given.state = User.INVITED
    with told_from_the_root(USERS):
        made = await USERS.create(call, given, verb="invited")
    inviter = await holder_of(call, call.caller.user_id)
    await mails.invite(call, UUID(made.id), inviter.display_name)
    return made
