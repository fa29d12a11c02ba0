"""Gives a custom field to records."""

from chassis.call import Call
from identity.field_definition import rules
from identity.field_definition.field_definition import FIELD_DEFINITIONS
from identity.field_definition.write import refuse_unfit
from identity.tenant.tenant import hold_tenant
from kith.identity.v1.field_definition_pb2 import ActivateFieldDefinitionRequest, FieldDefinition


async def activate_field_definition(call: Call, request: ActivateFieldDefinitionRequest) -> FieldDefinition:
    """Every process knows within five seconds. Raises InvalidArgument for a formula that reads a draft."""
    await hold_tenant(call)
    definition = await FIELD_DEFINITIONS.lock(call, request.id, request.etag)
    rules.activate(definition)
    saved = await FIELD_DEFINITIONS.save(call, definition, verb="activated")
    await refuse_unfit(call, saved)
    return saved
