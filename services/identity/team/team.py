"""What a team is."""

from chassis.resource.noun import noun_table
from chassis.resource.resource import Resource
from kith.identity.v1.team_pb2 import Team

table = noun_table(Team)
TEAMS = Resource(Team, table)
