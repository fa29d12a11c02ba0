"""What a pipeline is."""

from sqlalchemy import Index, text

from chassis.resource.noun import noun_table
from chassis.resource.resource import Resource
from kith.sales.v1.pipeline_pb2 import Pipeline

ONE_DEFAULT = Index(
    "uq_pipeline__default", "tenant_id", unique=True, postgresql_where=text('"default" and delete_time is null')
)
PIPELINES = Resource(Pipeline, noun_table(Pipeline, ONE_DEFAULT))
