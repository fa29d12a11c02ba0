"""Somebody always remains who can manage access."""

from uuid import UUID

from sqlalchemy import Uuid, bindparam, select
from sqlalchemy.dialects.postgresql import ARRAY

from chassis.call import Call
from chassis.database.statement import Statement
from chassis.errors import FailedPrecondition
from identity.role.bases import all_roles
from identity.role.rules import MANAGING, manages
from identity.user.user import table as users
from kith.identity.v1.role_pb2 import DENY_LIST
from kith.identity.v1.user_pb2 import User


class LastAdmin(FailedPrecondition): ...


_TENANT = bindparam("caller_tenant", type_=Uuid)
_HOLDERS = [users.c.role_ids.bool_op("&&")(bindparam(f"roles_{at}", type_=ARRAY(Uuid))) for at in range(len(MANAGING))]
_DENIED = users.c.role_ids.bool_op("&&")(bindparam("denying", type_=ARRAY(Uuid)))
_SOMEBODY = Statement(
    select(users.c.id)
    .where(
        users.c.tenant_id == _TENANT,
        users.c.state == User.State.Name(User.ACTIVE),
        users.c.delete_time.is_(None),
        *_HOLDERS,
        ~_DENIED,
    )
    .limit(1)
)


async def refuse_without_admin(call: Call) -> None:
    """Asked after a change, and behind `hold_tenant`, so that two changes cannot both count on the other's admin.

    Raises LastAdmin.
    """
    roles = await all_roles(call)
    takes = [role for role in roles if role.mode == DENY_LIST]
    held: dict[str, object] = {
        f"roles_{at}": [UUID(role.id) for role in roles if role not in takes and manages(role, permission)]
        for at, permission in enumerate(MANAGING)
    }
    denying = [UUID(role.id) for role in takes if any(manages(role, permission) for permission in MANAGING)]
    if not await call.fetch(_SOMEBODY, held | {"denying": denying}):
        raise LastAdmin("nobody could manage access any more")
