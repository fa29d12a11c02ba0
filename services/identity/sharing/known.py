"""With whom records can be shared, and of which nouns records ever were."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Text, Uuid, any_, bindparam, exists, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import insert as insert_or

from chassis.database.session import Session
from chassis.database.statement import Statement
from identity.tables import SHARED_WITH
from identity.team.team import table as teams
from identity.user.user import table as users
from kith.identity.v1.user_pb2 import User

_TENANT, _GRANTEE = bindparam("caller_tenant", type_=Uuid), bindparam("grantee", type_=Uuid)
_USER = select(users.c.id).where(
    users.c.tenant_id == _TENANT,
    users.c.id == _GRANTEE,
    users.c.state == User.State.Name(User.ACTIVE),
    users.c.delete_time.is_(None),
)
_TEAM = select(teams.c.id).where(teams.c.tenant_id == _TENANT, teams.c.id == _GRANTEE, teams.c.delete_time.is_(None))
USER_IS_THERE, TEAM_IS_THERE = Statement(select(exists(_USER))), Statement(select(exists(_TEAM)))
NOTE = Statement(
    insert_or(SHARED_WITH)
    .values(
        tenant_id=_TENANT,
        grantee_id=_GRANTEE,
        noun=bindparam("noun", type_=Text),
        user_id=bindparam("user", type_=Uuid),
    )
    .on_conflict_do_nothing()
)
_NOUNS = Statement(
    select(SHARED_WITH.c.noun)
    .distinct()
    .where(
        SHARED_WITH.c.tenant_id == _TENANT,
        SHARED_WITH.c.grantee_id == any_(bindparam("grantees", type_=ARRAY(Uuid))),
    )
)


async def nouns_shared_with(
    session: Session, values: Mapping[str, Any], user_id: UUID, team_ids: Sequence[UUID]
) -> frozenset[str]:
    """Of which nouns records were ever shared with this user or one of these teams; `values` name the tenant."""
    rows = await session.fetch(_NOUNS, {**values, "grantees": [user_id, *team_ids]})
    return frozenset(row["noun"] for row in rows)
