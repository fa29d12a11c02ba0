"""Says which teams a user belongs to."""

from chassis.call import Call
from identity.user import rules
from identity.user.user import USERS
from kith.identity.v1.user_pb2 import SetTeamsRequest, User


async def set_teams(call: Call, request: SetTeamsRequest) -> User:
    user = await USERS.lock(call, request.id, etag=request.etag)
    rules.set_teams(user, request.team_ids, request.primary_team_id)
    return await USERS.save(call, user, verb="teams_set")
