"""Who is linked to whom: found by provider and subject, and by nothing else."""

from typing import Any
from uuid import UUID

from sqlalchemy import Text, Uuid, bindparam, select

from chassis.call import Call
from chassis.database.statement import Statement
from identity.doors import consequences
from identity.external_identity.external_identity import EXTERNAL_IDENTITIES, table

_TENANT = table.c.tenant_id == bindparam("caller_tenant", type_=Uuid)
_OF_SUBJECT = Statement(
    select(table.c.owner_id, table.c.delete_time)
    .where(
        _TENANT,
        table.c.identity_provider_id == bindparam("provider", type_=Uuid),
        table.c.subject == bindparam("subject", type_=Text),
    )
    .order_by(table.c.delete_time.desc().nulls_first())
    .limit(1)
)
_OF_USER = Statement(
    select(table.c.id)
    .where(_TENANT, table.c.owner_id == bindparam("user", type_=Uuid), table.c.delete_time.is_(None))
    .order_by(table.c.id)
)


async def linked(call: Call, provider_id: str, subject: str) -> tuple[UUID | None, UUID | None]:
    """The user it signs in, and the user it was last taken from; one of them at most."""
    rows: list[Any] = await call.fetch(_OF_SUBJECT, {"provider": UUID(provider_id), "subject": subject})
    if not rows:
        return None, None
    owner: UUID = rows[0]["owner_id"]
    return (None, owner) if rows[0]["delete_time"] else (owner, None)


async def unlink_all(call: Call, user_id: str) -> None:
    """All of a user's, when they are deleted."""
    with consequences(call):
        for row in await call.fetch(_OF_USER, {"user": UUID(user_id)}):
            await EXTERNAL_IDENTITIES.delete(call, str(row["id"]))
