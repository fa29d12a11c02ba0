"""Roles with all that is in those they are based on."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, any_, bindparam, exists, select
from sqlalchemy.dialects.postgresql import ARRAY

from chassis.call import Call
from chassis.database.session import Session
from chassis.database.statement import Statement
from identity.role.role import ROLES
from identity.role.rules import RoleInUse, with_base
from kith.identity.v1.role_pb2 import Role

table = ROLES.table
_LIVING = table.c.tenant_id == bindparam("caller_tenant", type_=Uuid), table.c.delete_time.is_(None)
_SOME = Statement(
    select(*ROLES.codec.columns).where(*_LIVING, table.c.id == any_(bindparam("roles", type_=ARRAY(Uuid))))
)
_ALL = Statement(select(*ROLES.codec.columns).where(*_LIVING))
_BASED_ON = Statement(
    select(exists(select(table.c.id).where(*_LIVING, table.c.base_id == bindparam("id", type_=Uuid))))
)


async def whole_roles(
    session: Session, values: Mapping[str, Any], role_ids: Sequence[UUID], instead: Role | None = None
) -> list[Role]:
    """The living ones of these; `values` name the tenant. One more question a level of bases, and none without.

    `instead` stands in for the role of its id.
    """
    known: dict[str, Role] = {}
    missing: Sequence[UUID] = role_ids
    while missing:
        rows = await session.fetch(_SOME, {**values, "roles": [*missing]})
        found = [instead if instead and instead.id == role.id else role for role in map(_role, rows)]
        known |= {role.id: role for role in found}
        missing = [UUID(role.base_id) for role in found if role.base_id and role.base_id not in known]
    return [whole(known[str(id)], known) for id in role_ids if str(id) in known]


async def all_roles(call: Call) -> list[Role]:
    """Every living role of the tenant, whole."""
    known = await every_role(call.session, call.caller.binds)
    return [whole(role, known) for role in known.values()]


async def every_role(session: Session, values: Mapping[str, Any]) -> dict[str, Role]:
    """Every living role of the tenant that `values` name, as it is written; by id."""
    return {role.id: role for role in map(_role, await session.fetch(_ALL, values))}


def whole(role: Role, known: Mapping[str, Role]) -> Role:
    """`role` and all its bases as one."""
    made = role
    for base in line_of(role, known):
        made = with_base(made, base)
    return made


def line_of(role: Role, known: Mapping[str, Role]) -> Iterable[Role]:
    """Its base, that one's base, and so on: each once, even where they go round in a ring."""
    line: list[Role] = []
    while (role.base_id in known) and known[role.base_id] not in line:
        role = known[role.base_id]
        line.append(role)
    return line


async def bases_of(call: Call, role: Role) -> list[Role]:
    """Its line, nearest first."""
    known: dict[str, Role] = {}
    wanted = role.base_id
    while wanted and wanted not in known:
        rows = await call.fetch(_SOME, {"roles": [UUID(wanted)]})
        if not rows:
            break
        known[wanted] = _role(rows[0])
        wanted = known[wanted].base_id
    return list(known.values())


async def refuse_based_on(call: Call, role: Role) -> None:
    """Raises RoleInUse."""
    (row,) = await call.fetch(_BASED_ON, {"id": UUID(role.id)})
    if row[0]:
        raise RoleInUse("other roles are based on it", id=role.id)


def _role(row: Any) -> Role:
    return ROLES.message(**ROLES.codec.fields(row))
