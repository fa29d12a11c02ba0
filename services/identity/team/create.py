"""Makes a team, no deeper than the tree may be."""

from chassis.call import Call
from chassis.resource.standard import standard, told_from_the_root
from identity.team import rules
from identity.team.team import TEAMS
from identity.team.tree import line_above
from identity.tenant.tenant import hold_tenant
from kith.identity.v1.team_pb2 import CreateTeamRequest, Team

_CREATE = standard(TEAMS, "CreateTeam")


async def create_team(call: Call, request: CreateTeamRequest) -> Team:
    if request.team.parent_id:
        await hold_tenant(call)
        with told_from_the_root(TEAMS):
            rules.refuse_misplaced("", await line_above(call, request.team.parent_id), height=0)
    return await _CREATE(call, request)
