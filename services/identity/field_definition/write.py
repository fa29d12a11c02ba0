"""Making, changing and putting away definitions, one at a time in a tenant: formulas read each other."""

from chassis.call import Call
from chassis.custom.values import kept
from chassis.errors import InvalidArgument, ResourceExhausted
from chassis.resource.standard import standard, told_from_the_root
from identity.field_definition import rules
from identity.field_definition.field_definition import FIELD_DEFINITIONS
from identity.field_definition.objects import object_of, own_names, readable, refuse_no_target
from identity.field_definition.others import of_object
from identity.field_definition.told import fields_of
from identity.tenant.tenant import hold_tenant
from kith.identity.v1.field_definition_pb2 import (
    CreateFieldDefinitionRequest,
    DeleteFieldDefinitionRequest,
    FieldDefinition,
    UndeleteFieldDefinitionRequest,
    UpdateFieldDefinitionRequest,
)

_CREATE = standard(FIELD_DEFINITIONS, "CreateFieldDefinition")
_UPDATE = standard(FIELD_DEFINITIONS, "UpdateFieldDefinition")
MOST = 200  # of one object; each is told to every process with every principal of the tenant


async def create_field_definition(call: Call, request: CreateFieldDefinitionRequest) -> FieldDefinition:
    """A draft. Raises CodeTaken, FormulaCycle."""
    await hold_tenant(call)
    wanted = request.field_definition
    with told_from_the_root(FIELD_DEFINITIONS):
        rules.refuse_taken(wanted, own_names(object_of(wanted.object)), await of_object(call, wanted.object))
    definition = await _CREATE(call, request)
    with told_from_the_root(FIELD_DEFINITIONS):
        await refuse_unfit(call, definition)
    return definition


async def update_field_definition(call: Call, request: UpdateFieldDefinitionRequest) -> FieldDefinition:
    """Raises WrongFieldState, OptionInUse, FormulaCycle."""
    await hold_tenant(call)
    before = await FIELD_DEFINITIONS.get(call, request.field_definition.id)
    after = await _UPDATE(call, request)
    rules.refuse_unsettled(before, after)
    with told_from_the_root(FIELD_DEFINITIONS):
        await refuse_unfit(call, after)
    return after


async def delete_field_definition(call: Call, request: DeleteFieldDefinitionRequest) -> FieldDefinition:
    """What records hold under its code stays with them. Raises FieldInUse."""
    await hold_tenant(call)
    before = await FIELD_DEFINITIONS.get(call, request.id)
    rules.refuse_needed(before, await of_object(call, before.object))
    return await FIELD_DEFINITIONS.delete(call, request.id, request.etag)


async def undelete_field_definition(call: Call, request: UndeleteFieldDefinitionRequest) -> FieldDefinition:
    """Raises CodeTaken, FormulaCycle."""
    await hold_tenant(call)
    before = await FIELD_DEFINITIONS.get(call, request.id, deleted=True)
    rules.refuse_taken(before, (), await of_object(call, before.object))
    definition = await FIELD_DEFINITIONS.undelete(call, request.id, request.etag)
    await refuse_unfit(call, definition)
    return definition


async def refuse_unfit(call: Call, definition: FieldDefinition) -> None:
    """After it was written, so that it is among the others. Raises InvalidArgument, FormulaCycle, ResourceExhausted."""
    noun = object_of(definition.object)
    others = await of_object(call, definition.object)
    if len(others) > MOST:
        raise ResourceExhausted(f"{definition.object} has {MOST} custom fields, which is the most there can be")
    if definition.target:
        refuse_no_target(definition.target)
    rules.result_types(others, readable(noun))
    if definition.default_value:
        (field,) = fields_of([definition])
        try:
            kept(field, rules.default_of(definition), call.caller)
        except ValueError as problem:
            raise InvalidArgument.of("default_value", str(problem)) from None
