"""Somebody always remains who can manage access."""

from uuid import UUID

from sqlalchemy import Uuid, bindparam, select
from sqlalchemy.dialects.postgresql import ARRAY

from chassis.call import Call
from chassis.database.statement import Statement
from chassis.errors import FailedPrecondition
from identity.role.role import ROLES
from identity.role.rules import MANAGING, manages
from identity.user.user import table as users
from kith.identity.v1.user_pb2 import User


class LastAdmin(FailedPrecondition): ...


_TENANT = bindparam("caller_tenant", type_=Uuid)
_LIVING = Statement(
    select(*ROLES.codec.columns).where(ROLES.table.c.tenant_id == _TENANT, ROLES.table.c.delete_time.is_(None))
)
_HOLDERS = [users.c.role_ids.bool_op("&&")(bindparam(f"roles_{at}", type_=ARRAY(Uuid))) for at in range(len(MANAGING))]
_SOMEBODY = Statement(
    select(users.c.id)
    .where(
        users.c.tenant_id == _TENANT,
        users.c.state == User.State.Name(User.ACTIVE),
        users.c.delete_time.is_(None),
        *_HOLDERS,
    )
    .limit(1)
)


async def refuse_without_admin(call: Call) -> None:
    """Asked after a change, and behind `hold_tenant`, so that two changes cannot both count on the other's admin.

    Raises LastAdmin.
    """
    roles = [ROLES.message(**ROLES.codec.fields(row)) for row in await call.fetch(_LIVING, {})]
    by_permission = {
        f"roles_{at}": [UUID(role.id) for role in roles if manages(role, permission)]
        for at, permission in enumerate(MANAGING)
    }
    if not await call.fetch(_SOMEBODY, by_permission):
        raise LastAdmin("nobody could manage access any more")
