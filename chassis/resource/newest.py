"""The newest records in sight, found without going through all the others: PostgreSQL looks for one plan that serves
everybody, and whoever sees few records of many, or only old ones, waited seconds for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    ScalarSelect,
    Select,
    Uuid,
    any_,
    bindparam,
    func,
    literal_column,
    or_,
    select,
    true,
    union,
)

from chassis.access.sight import Reach, Sight
from chassis.resource.seeing import shared_within, teams_within, ways

if TYPE_CHECKING:
    from chassis.resource.resource import Resource

NEAR = 1000  # records gone through: who sees one of ten has a page of 50 among them, as good as always
_LIMIT = bindparam("page_limit", type_=Integer)


def has_ways(resource: Resource[Any], sight: Sight) -> bool:
    """Whether records are in sight by several ways, each with an index that has them in order: a rule has none."""
    several = sight.reach in (Reach.TEAM, Reach.TEAM_TREE) or bool(sight.level)  # of whom sees all, no level is asked
    return resource.noun.owned and several and not sight.rules and not resource.seen_otherwise


def newest(
    resource: Resource[Any], sight: Sight, *, living: bool, behind: ColumnElement[Any] | None
) -> ScalarSelect[Any]:
    """Ids of the `page_limit` newest in sight: of the `living`, and of those older than `behind`.

    First the newest of all are gone through. Only where too few of them are in sight, each way is gone by itself: the
    owner's, each team's and the shared ones.
    """
    table = resource.table
    living = living and "delete_time" in table.c  # of what is never deleted, all lives
    wide = [table.c.owner_id, table.c.team_id, *([table.c.delete_time] if living else [])]
    walked = select(table.c.id, *wide).where(*_older(resource, behind)).order_by(table.c.id.desc())
    first = walked.limit(literal_column(str(NEAR))).subquery("walked")
    kept = [first.c.delete_time.is_(None)] if living else []
    near = select(first.c.id).where(or_(*ways(resource, sight, first.c)), *kept).limit(_LIMIT).cte("near")
    enough = select(func.count()).select_from(near).scalar_subquery() >= _LIMIT
    here = [*_older(resource, behind), *([table.c.delete_time.is_(None)] if living else [])]
    far = union(*_by_way(resource, sight, here)).subquery("far")
    found = union(select(near.c.id), select(far.c.id).where(~enough)).subquery("found")
    return select(found.c.id).order_by(found.c.id.desc()).limit(_LIMIT).scalar_subquery()


def _older(resource: Resource[Any], behind: ColumnElement[Any] | None) -> list[ColumnElement[bool]]:
    table = resource.table
    in_tenant: ColumnElement[bool] = table.c.tenant_id == bindparam("caller_tenant", type_=Uuid)
    return [in_tenant] if behind is None else [in_tenant, table.c.id < behind]


def _by_way(resource: Resource[Any], sight: Sight, here: Sequence[ColumnElement[bool]]) -> list[Select[Any]]:
    """The newest by each way; ids."""
    table = resource.table

    def first(*way: ColumnElement[bool]) -> Select[Any]:
        return select(table.c.id).where(*here, *way).order_by(table.c.id.desc()).limit(_LIMIT)

    found = [first(table.c.owner_id == bindparam("caller_user", type_=Uuid))]
    if sight.reach >= Reach.TEAM:
        team = select(func.unnest(teams_within(sight)).label("id")).subquery("team")
        of_team = first(table.c.team_id == team.c.id).lateral("of_team")
        found.append(select(of_team.c.id).select_from(team).join(of_team, true()))
    if sight.level:
        found.append(first(table.c.id == any_(shared_within(resource, sight))))
    return [select(one.subquery().c.id) for one in found]
