"""What a legal hold is."""

from chassis.resource.noun import noun_table
from chassis.resource.resource import Resource
from identity.legal_hold import rules
from kith.identity.v1.legal_hold_pb2 import LegalHold

table = noun_table(LegalHold)
LEGAL_HOLDS = Resource(LegalHold, table, defaults=LegalHold(state=LegalHold.PLACED), check=rules.check)
