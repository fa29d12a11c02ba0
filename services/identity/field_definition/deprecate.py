"""Ends a custom field's being set."""

from chassis.call import Call
from identity.field_definition import rules
from identity.field_definition.field_definition import FIELD_DEFINITIONS
from identity.field_definition.others import of_object
from identity.tenant.tenant import hold_tenant
from kith.identity.v1.field_definition_pb2 import DeprecateFieldDefinitionRequest, FieldDefinition


async def deprecate_field_definition(call: Call, request: DeprecateFieldDefinitionRequest) -> FieldDefinition:
    """Raises WrongFieldState, FieldInUse."""
    await hold_tenant(call)
    definition = await FIELD_DEFINITIONS.lock(call, request.id, request.etag)
    rules.deprecate(definition, await of_object(call, definition.object))
    return await FIELD_DEFINITIONS.save(call, definition, verb="deprecated")
