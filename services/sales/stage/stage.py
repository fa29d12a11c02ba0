"""What a stage is."""

from sqlalchemy import Index

from chassis.resource.noun import noun_table
from chassis.resource.resource import Resource
from kith.sales.v1.stage_pb2 import Stage
from sales.stage import rules

table = noun_table(Stage, Index("stage_order", "tenant_id", "pipeline_id", "position", "id"))
STAGES = Resource(Stage, table, check=rules.check)
