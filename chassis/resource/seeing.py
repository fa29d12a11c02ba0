"""The one place where who may see what becomes SQL: tenant AND (reach OR shared OR a sharing rule)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Uuid, any_, bindparam, func, or_
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.sql.base import ReadOnlyColumnCollection

from chassis.access.sight import Reach, Sight
from chassis.custom.columns import columns
from chassis.resource.filter_sql import expression
from chassis.resource.share_table import shared_with_caller

if TYPE_CHECKING:
    from chassis.resource.resource import Resource


def in_sight(resource: Resource[Any], sight: Sight) -> ColumnElement[bool]:
    """The records of `resource` within `sight`, filled from `Caller.binds` and, for rules, from the call's own."""
    table = resource.table
    in_tenant: ColumnElement[bool] = table.c.tenant_id == bindparam("caller_tenant", type_=Uuid)
    if not resource.noun.owned or sight.reach is Reach.TENANT:
        return in_tenant
    return in_tenant & or_(
        *ways(resource, sight, table.c), *(expression(shape, columns(table.c)) for shape in sight.rules)
    )


def ways(
    resource: Resource[Any], sight: Sight, c: ReadOnlyColumnCollection[str, ColumnElement[Any]]
) -> list[ColumnElement[bool]]:
    """What is in sight by any one of these, rules aside: one's own, one's teams', and what was shared."""
    found: list[ColumnElement[bool]] = [c.owner_id == bindparam("caller_user", type_=Uuid)]
    if sight.reach >= Reach.TEAM:
        found.append(c.team_id == any_(teams_within(sight)))
    if sight.level:
        found.append(c.id == any_(shared_within(resource, sight)))
    return found


def teams_within(sight: Sight) -> ColumnElement[Any]:
    return bindparam("caller_teams" if sight.reach is Reach.TEAM else "caller_team_tree", type_=ARRAY(Uuid))


def shared_within(resource: Resource[Any], sight: Sight) -> ColumnElement[Any]:
    """An array is worked out once and found by the primary key; a subquery would be asked of each row."""
    return func.array(shared_with_caller(resource.noun.permission, sight.level))
