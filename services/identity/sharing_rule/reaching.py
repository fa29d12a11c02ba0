"""Which sharing rules reach somebody."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, any_, bindparam, or_, select
from sqlalchemy.dialects.postgresql import ARRAY

from chassis.access.sight import Level, SharedBy
from chassis.database.session import Session
from chassis.database.statement import Statement
from identity.sharing_rule.sharing_rule import SHARING_RULES

table = SHARING_RULES.table
_RULES = Statement(
    select(table.c.noun, table.c.filter, table.c.level)
    .where(
        table.c.tenant_id == bindparam("caller_tenant", type_=Uuid),
        table.c.delete_time.is_(None),
        or_(
            table.c.user_id == bindparam("user", type_=Uuid),
            table.c.team_id == any_(bindparam("teams", type_=ARRAY(Uuid))),
        ),
    )
    .order_by(table.c.noun, table.c.id)
)


async def rules_for(
    session: Session, values: Mapping[str, Any], user_id: UUID, team_ids: Sequence[UUID]
) -> dict[str, tuple[SharedBy, ...]]:
    """By noun; `values` name the tenant."""
    rows = await session.fetch(_RULES, {**values, "user": user_id, "teams": [*team_ids]})
    found: dict[str, tuple[SharedBy, ...]] = {}
    for row in rows:
        found[row["noun"]] = (*found.get(row["noun"], ()), SharedBy(row["filter"], Level[row["level"]]))
    return found
