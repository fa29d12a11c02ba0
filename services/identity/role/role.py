"""What a role is."""

from chassis.resource.noun import noun_table
from chassis.resource.resource import Resource
from identity.role import rules
from kith.identity.v1.role_pb2 import Role

table = noun_table(Role)
ROLES = Resource(Role, table, check=rules.check)
