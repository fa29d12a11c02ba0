"""What a user is."""

from sqlalchemy import Index

from chassis.resource.noun import noun_table
from chassis.resource.resource import Resource
from identity.doors import door
from identity.user import rules
from kith.identity.v1.user_pb2 import User

table = door(noun_table(User, Index("user_email", "email")), "email")
USERS = Resource(User, table, defaults=User(state=User.ACTIVE), check=rules.check)
