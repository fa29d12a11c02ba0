"""The one place where who may see what becomes SQL: tenant AND (reach OR shared OR a sharing rule)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Uuid, any_, bindparam, func, or_
from sqlalchemy.dialects.postgresql import ARRAY

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
    ways: list[ColumnElement[bool]] = [table.c.owner_id == bindparam("caller_user", type_=Uuid)]
    if sight.reach >= Reach.TEAM:
        teams = "caller_teams" if sight.reach is Reach.TEAM else "caller_team_tree"
        ways.append(table.c.team_id == any_(bindparam(teams, type_=ARRAY(Uuid))))
    if sight.level:
        # An array is worked out once and found by the primary key; a subquery would be asked of each row.
        ids: ColumnElement[Any] = func.array(shared_with_caller(resource.noun.permission, sight.level))
        ways.append(table.c.id == any_(ids))
    ways += [expression(shape, columns(table.c)) for shape in sight.rules]
    return in_tenant & or_(*ways)
