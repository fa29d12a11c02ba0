"""What a queue is."""

from sqlalchemy import Index, text

from chassis.resource.noun import noun_table
from chassis.resource.resource import Resource
from kith.service_desk.v1.queue_pb2 import Queue

ONE_DEFAULT = Index(
    "uq_queue__default", "tenant_id", unique=True, postgresql_where=text('"default" and delete_time is null')
)
QUEUES = Resource(Queue, noun_table(Queue, ONE_DEFAULT))
