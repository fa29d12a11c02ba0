"""Puts a team, with all below it, under another."""

from chassis.call import Call
from identity.team import rules
from identity.team.team import TEAMS
from identity.team.tree import height, line_above
from identity.tenant.tenant import hold_tenant
from kith.identity.v1.team_pb2 import MoveTeamRequest, Team


async def move_team(call: Call, request: MoveTeamRequest) -> Team:
    """Moves of one tenant wait for each other, or two of them could make a cycle."""
    await hold_tenant(call)
    team = await TEAMS.lock(call, request.id, etag=request.etag)
    rules.refuse_misplaced(team.id, await line_above(call, request.parent_id), await height(call, team.id))
    team.parent_id = request.parent_id
    return await TEAMS.save(call, team, verb="moved")
