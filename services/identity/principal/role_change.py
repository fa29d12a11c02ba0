"""What a changed role would make of those who hold it, or one that is based on it."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import Integer, Uuid, bindparam, func, select
from sqlalchemy.dialects.postgresql import ARRAY

from chassis.access.caller import RoleChange
from chassis.database.session import Session
from chassis.database.statement import Statement
from chassis.errors import InvalidArgument, NotFound, Unauthenticated
from chassis.resource.standard import told_from_the_root
from identity.principal.load import load
from identity.role.bases import every_role, line_of
from identity.role.role import ROLES
from identity.role.rules import check, refuse_unfit_base
from identity.user.user import table as users
from kith.identity.v1.role_pb2 import PreviewRoleChangeRequest, Role
from kith.identity.v1.user_pb2 import User

MOST = 20  # people looked at one by one
_HOLDING = (
    users.c.tenant_id == bindparam("caller_tenant", type_=Uuid),
    users.c.state == User.State.Name(User.ACTIVE),
    users.c.delete_time.is_(None),
    users.c.role_ids.bool_op("&&")(bindparam("roles", type_=ARRAY(Uuid))),
)
_COUNT = Statement(select(func.count()).select_from(users).where(*_HOLDING))
_SOME = Statement(select(users.c.id).where(*_HOLDING).order_by(users.c.id).limit(bindparam("most", type_=Integer)))
BY_ROLES = Statement(
    select(users.c.role_ids, func.array_agg(users.c.id).label("ids")).where(*_HOLDING).group_by(users.c.role_ids)
)


async def role_change(session: Session, tenant_id: UUID, change: PreviewRoleChangeRequest) -> RoleChange:
    """Raises NotFound, InvalidArgument, RoleCycle."""
    values: dict[str, Any] = {"caller_tenant": tenant_id, "most": MOST}
    known = await every_role(session, values)
    proposed = proposed_in(known, change)
    values["roles"] = with_based_on(known, proposed.id)
    holders = []
    for row in await session.fetch(_SOME, values):
        try:
            before, after = [
                await load(session, tenant_id, row["id"], instead=role) for role in (known[proposed.id], proposed)
            ]
        except Unauthenticated:
            continue  # left this very moment
        holders.append((before, after))
    (count,) = await session.fetch(_COUNT, values)
    return RoleChange(count[0], holders)


def proposed_in(known: Mapping[str, Role], change: PreviewRoleChangeRequest) -> Role:
    """The role as it might be, among the others as they are. Raises NotFound, InvalidArgument, RoleCycle."""
    now = known.get(change.id.lower())
    if now is None:
        raise NotFound(f"role {change.id} does not exist", noun=ROLES.noun.permission, id=change.id)
    proposed = Role(
        id=now.id,
        display_name=now.display_name,
        mode=now.mode,
        base_id=change.role.base_id.lower(),
        grants=change.role.grants,
        field_rights=change.role.field_rights,
        closed_nouns=change.role.closed_nouns,
    )
    with told_from_the_root(ROLES):
        check(proposed)
        if proposed.base_id and proposed.base_id not in known:
            raise InvalidArgument.of("base_id", "points at nothing")
        refuse_unfit_base(proposed, [*line_of(proposed, {**known, now.id: proposed})])
    return proposed


def with_based_on(known: Mapping[str, Role], id: str) -> list[UUID]:
    """A role and those that are based on it."""
    return [UUID(one.id) for one in known.values() if one.id == id or any(b.id == id for b in line_of(one, known))]
