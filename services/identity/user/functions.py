"""The roles that come with what people are there for: by themselves, and by the teams they are in."""

from collections.abc import Iterable

from sqlalchemy import Text, Uuid, any_, bindparam, or_, select
from sqlalchemy.dialects.postgresql import ARRAY

from chassis.call import Call
from chassis.database.statement import Statement
from chassis.ids import parse_id
from identity.role.role import table as roles
from identity.team.team import table as teams
from kith.identity.v1.function_pb2 import Function
from kith.identity.v1.user_pb2 import User

_TENANT = bindparam("caller_tenant", type_=Uuid)
_of_team = select(teams.c.id).where(
    teams.c.tenant_id == _TENANT,
    teams.c.id == any_(bindparam("teams", type_=ARRAY(Uuid))),
    teams.c.delete_time.is_(None),
    teams.c.functions.bool_op("&&")(roles.c.functions),
)
_ROLES = Statement(
    select(roles.c.id)
    .where(
        roles.c.tenant_id == _TENANT,
        roles.c.delete_time.is_(None),
        or_(
            roles.c.functions.bool_op("&&")(bindparam("functions", type_=ARRAY(Text))),
            _of_team.correlate(roles).exists(),
        ),
    )
    .order_by(roles.c.id)
)


async def roles_for(call: Call, functions: Iterable[Function.ValueType], team_ids: Iterable[str]) -> list[str]:
    """Ids of the roles of these functions, and of those of these teams."""
    values = {
        "functions": [Function.Name(one) for one in functions],
        "teams": [parse_id(id, "team_ids") for id in team_ids],
    }
    return [str(row["id"]) for row in await call.fetch(_ROLES, values)]


async def roles_of(call: Call, user: User) -> list[str]:
    """Ids of the roles that come with what `user` is there for."""
    return await roles_for(call, user.functions, user.team_ids)
