"""What a session is: owned by whoever signed in, so that a grant on one's own is one on one's own sessions."""

from datetime import timedelta

from chassis.resource.noun import noun_table
from chassis.resource.resource import Resource
from kith.identity.v1.session_pb2 import Session

KEPT = timedelta(days=30)  # once it has ended, whichever way: then it goes, and its refresh tokens with it
table = noun_table(Session)
SESSIONS = Resource(Session, table, defaults=Session(state=Session.ACTIVE))
