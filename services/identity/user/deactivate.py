"""Ends a user's work for good."""

from chassis.call import Call
from identity.api_key.revoke import revoke_api_keys
from identity.doors import consequences
from identity.role.last_admin import refuse_without_admin
from identity.session.end import end_sessions
from identity.team.team import TEAMS
from identity.tenant.tenant import hold_tenant
from identity.user import rules
from identity.user.user import USERS
from kith.identity.v1.user_pb2 import DeactivateUserRequest, User, UserEventDetails


async def deactivate_user(call: Call, request: DeactivateUserRequest) -> User:
    """Services that hear of it hand the user's records on. Raises LastAdmin, WrongState, InvalidArgument."""
    rules.refuse_unsaid(request.successor_id, request.holding_team_id)
    await hold_tenant(call)
    user = await USERS.lock(call, request.id, etag=request.etag)
    with consequences(call):
        if request.successor_id:
            rules.deactivate(user, await USERS.get(call, request.successor_id))
        else:
            team = await TEAMS.referred(call, request.holding_team_id, "holding_team_id")
            manager = await USERS.get(call, team.manager_id, deleted=True) if team.manager_id else None
            rules.deactivate_into(user, team, manager)
    details = UserEventDetails(successor_id=user.successor_id, holding_team_id=user.holding_team_id)
    saved = await USERS.save(call, user, verb="deactivated", details=details)
    await refuse_without_admin(call)
    await end_sessions(call, user.id)
    await revoke_api_keys(call, user.id)
    return saved
