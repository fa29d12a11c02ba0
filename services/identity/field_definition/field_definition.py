"""What a custom field's definition is."""

from sqlalchemy import Index

from chassis.resource.noun import noun_table
from chassis.resource.resource import Resource
from identity.field_definition import rules
from kith.identity.v1.field_definition_pb2 import FieldDefinition

table = noun_table(FieldDefinition, Index("uq_field_definition__code", "tenant_id", "object", "code", unique=True))
FIELD_DEFINITIONS = Resource(
    FieldDefinition, table, defaults=FieldDefinition(state=FieldDefinition.DRAFT), check=rules.check
)
