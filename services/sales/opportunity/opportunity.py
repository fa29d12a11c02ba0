"""What an opportunity is."""

from sqlalchemy import Index

from chassis.resource.noun import noun_table
from chassis.resource.resource import Resource
from kith.sales.v1.opportunity_pb2 import Opportunity
from kith.sales.v1.stage_change_pb2 import StageChange
from sales.opportunity import rules

table = noun_table(Opportunity, Index("opportunity_board", "tenant_id", "pipeline_id", "stage_id", "id"))
OPPORTUNITIES = Resource(Opportunity, table, defaults=Opportunity(state=Opportunity.OPEN), check=rules.check)
STAGE_CHANGES = Resource(StageChange)
