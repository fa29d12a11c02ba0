"""Puts a team away that nobody is in and nothing is below."""

from uuid import UUID

from sqlalchemy import Uuid, any_, bindparam, or_, select

from chassis.call import Call
from chassis.database.statement import Statement
from identity.team.rules import TeamInUse
from identity.team.team import TEAMS
from identity.team.team import table as teams
from identity.tenant.tenant import hold_tenant
from identity.user.user import table as users
from kith.identity.v1.team_pb2 import DeleteTeamRequest, Team
from kith.identity.v1.user_pb2 import User

_TENANT, _ID = bindparam("caller_tenant", type_=Uuid), bindparam("id", type_=Uuid)
_child = select(teams.c.id).where(teams.c.tenant_id == _TENANT, teams.c.parent_id == _ID, teams.c.delete_time.is_(None))
_member = select(users.c.id).where(
    users.c.tenant_id == _TENANT,
    any_(users.c.team_ids) == _ID,
    users.c.delete_time.is_(None),
    users.c.state != User.State.Name(User.DEACTIVATED),
)
_IN_USE = Statement(select(or_(_child.exists(), _member.exists())))


async def delete_team(call: Call, request: DeleteTeamRequest) -> Team:
    """Raises TeamInUse."""
    await hold_tenant(call)
    team = await TEAMS.delete(call, request.id, request.etag)
    (row,) = await call.fetch(_IN_USE, {"id": UUID(team.id)})
    if row[0]:
        raise TeamInUse("the team still has teams or people in it", id=team.id)
    return team
