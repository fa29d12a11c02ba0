"""The tenant's own fields as every service is told of them, and what roles say of them."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import Uuid, bindparam, select

from chassis.access.caller import Caller, Right
from chassis.custom.formula import inputs
from chassis.custom.schema import OPEN, Schema
from chassis.database.statement import Statement
from chassis.errors import Refusal
from identity.field_definition import rules
from identity.field_definition.field_definition import FIELD_DEFINITIONS, table
from identity.field_definition.objects import object_of, readable
from kith.identity.v1.field_definition_pb2 import FieldDefinition
from kith.v1 import custom_pb2 as types
from kith.v1.custom_pb2 import CustomField

_LIVING = table.c.tenant_id == bindparam("caller_tenant", type_=Uuid), table.c.delete_time.is_(None)
_LIVE = Statement(
    select(*FIELD_DEFINITIONS.codec.columns)
    .where(*_LIVING, table.c.state != FieldDefinition.State.Name(FieldDefinition.DRAFT))
    .order_by(table.c.object, table.c.code)
)
ANY_LIVE = (
    select(table.c.id).where(*_LIVING, table.c.state != FieldDefinition.State.Name(FieldDefinition.DRAFT)).exists()
)


async def custom_fields(session: Any, values: Mapping[str, Any]) -> list[CustomField]:
    """Of the tenant in `values`, active and deprecated ones."""
    rows = await session.fetch(_LIVE, values)
    return fields_of(FIELD_DEFINITIONS.message(**FIELD_DEFINITIONS.codec.fields(row)) for row in rows)


def fields_of(definitions: Iterable[FieldDefinition]) -> list[CustomField]:
    by_object: dict[str, list[FieldDefinition]] = {}
    for one in definitions:
        by_object.setdefault(one.object, []).append(one)
    return [field for name, some in by_object.items() for field in _of_object(name, some)]


def _of_object(name: str, definitions: list[FieldDefinition]) -> list[CustomField]:
    try:
        results = rules.result_types(definitions, readable(object_of(name)))
    except Refusal:  # the contract has lost a field since, or the noun: formulas rest, all else goes on
        definitions = [one for one in definitions if not one.formula]
        results = {}
    return [_told(one, results.get(one.code, "")) for one in definitions]


def _told(one: FieldDefinition, result: str) -> CustomField:
    return CustomField(
        object=one.object,
        code=one.code,
        type=one.type,
        label_zh=one.label_zh,
        label_en=one.label_en,
        required=one.required,
        unique=one.unique,
        searchable=one.searchable,
        sensitive=one.sensitive,
        personal=one.personal,
        options=one.options,
        default_value=one.default_value,
        formula=one.formula,
        formula_type=rules.RESULTS.get(result, types.FIELD_TYPE_UNSPECIFIED),
        reference=one.target,
        deprecated=one.state == FieldDefinition.DEPRECATED,
    )


def sensitive(schema: Schema) -> set[str]:
    """Paths of those of which a role gives no more than a part unless it names them."""
    return {path_of(one) for one in schema.told if one.sensitive}


def path_of(field: CustomField) -> str:
    return f"{field.object}.{OPEN}.{field.code}"


def with_formulas(caller: Caller) -> Caller:
    """Who may not see a field may not see what is worked out from it."""
    nouns = caller.custom.nouns
    unseen = {*caller.unreadable} if nouns else set[str]()
    hidden = dict[str, Right]()
    for noun, defined in nouns.items() if unseen else ():
        for code, tree in defined.formulas.items():
            if any(f"{noun}.{path}" in unseen for path in inputs(tree)):
                hidden[f"{noun}.{OPEN}.{code}"] = Right.NONE
                unseen.add(f"{noun}.{OPEN}.{code}")
    return replace(caller, field_rights={**caller.field_rights, **hidden}) if hidden else caller
