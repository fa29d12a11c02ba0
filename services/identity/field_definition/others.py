"""All definitions of one object, drafts too."""

from sqlalchemy import Text, Uuid, bindparam, select

from chassis.call import Call
from chassis.database.statement import Statement
from identity.field_definition.field_definition import FIELD_DEFINITIONS, table
from kith.identity.v1.field_definition_pb2 import FieldDefinition

_OF_OBJECT = Statement(
    select(*FIELD_DEFINITIONS.codec.columns).where(
        table.c.tenant_id == bindparam("caller_tenant", type_=Uuid),
        table.c.object == bindparam("object", type_=Text),
        table.c.delete_time.is_(None),
    )
)


async def of_object(call: Call, name: str) -> list[FieldDefinition]:
    """Whatever the caller may read: what is refused of one follows from all."""
    rows = await call.fetch(_OF_OBJECT, {"object": name})
    return [FieldDefinition(**FIELD_DEFINITIONS.codec.fields(row)) for row in rows]
