"""What a case is, and what is said in one."""

from sqlalchemy import Index, text

from chassis.resource.noun import noun_table
from chassis.resource.resource import Resource
from kith.service_desk.v1.case_message_pb2 import CaseMessage
from kith.service_desk.v1.case_pb2 import Case

# A number stands for one case for ever, also when that was deleted.
NUMBERED = Index("uq_case__number", "tenant_id", "number", unique=True, postgresql_where=text("number > 0"))
CASES = Resource(Case, noun_table(Case, NUMBERED), defaults=Case(state=Case.NEW, priority=Case.NORMAL))
CASE_MESSAGES = Resource(CaseMessage)
