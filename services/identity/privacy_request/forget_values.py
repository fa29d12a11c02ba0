"""Forgets what the audit trail says of erased records: their keys go, the chain stays."""

from collections.abc import Iterable

from sqlalchemy import Text, Uuid, any_, bindparam, delete
from sqlalchemy.dialects.postgresql import ARRAY

from chassis.call import Call
from chassis.database.statement import Statement
from identity.audit_entry.heard import collection_of
from identity.tables import AUDIT_KEY

_FORGET = Statement(
    delete(AUDIT_KEY).where(
        AUDIT_KEY.c.tenant_id == bindparam("caller_tenant", type_=Uuid),
        AUDIT_KEY.c.resource == any_(bindparam("resources", type_=ARRAY(Text))),
    )
)


async def forget_values(call: Call, records: Iterable[str]) -> None:
    """Of `contacts.contact/<id>`, as the trail names them: `contacts/<id>`."""
    named = [one.partition("/") for one in records]
    await call.fetch(_FORGET, {"resources": [f"{collection_of(noun)}/{id}" for noun, _, id in named]})
