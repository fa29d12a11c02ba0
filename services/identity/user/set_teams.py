"""Says which teams a user belongs to."""

from chassis.call import Call
from identity.role.last_admin import refuse_without_admin
from identity.tenant.tenant import hold_tenant
from identity.user import rules
from identity.user.assign_roles import refuse_wider_roles
from identity.user.functions import roles_of
from identity.user.user import USERS
from kith.identity.v1.user_pb2 import SetTeamsRequest, User


async def set_teams(call: Call, request: SetTeamsRequest) -> User:
    """With a team come and go the roles of its functions. Raises GrantTooWide, LastAdmin."""
    await hold_tenant(call)
    user = await USERS.lock(call, request.id, etag=request.etag)
    before = await roles_of(call, user)
    rules.set_teams(user, request.team_ids, request.primary_team_id)
    changed = rules.follow_functions(user, before, await roles_of(call, user))
    await refuse_wider_roles(call, changed)
    saved = await USERS.save(call, user, verb="teams_set")
    if changed:
        await refuse_without_admin(call)
    return saved
