"""Walks up and down the tree that teams make."""

from uuid import UUID

from sqlalchemy import Integer, Select, Uuid, any_, bindparam, func, literal, select
from sqlalchemy.dialects.postgresql import ARRAY

from chassis.call import Call
from chassis.database.statement import Statement
from identity.team.team import table

_TENANT = bindparam("caller_tenant", type_=Uuid)
_DEEPEST = 32  # of a walk: beyond what rules allow, so that even a cycle would end


def below(roots: str) -> Select[tuple[UUID, int]]:
    """Ids and depths, from 1, of the living teams beneath those in the bind `roots`, of the bind `caller_tenant`."""
    living = table.c.tenant_id == _TENANT, table.c.delete_time.is_(None)
    first = table.c.parent_id == any_(bindparam(roots, type_=ARRAY(Uuid)))
    walk = select(table.c.id, literal(1, Integer).label("depth")).where(*living, first).cte("below", recursive=True)
    next_ = (
        select(table.c.id, walk.c.depth + 1)
        .join(walk, table.c.parent_id == walk.c.id)
        .where(*living, walk.c.depth < _DEEPEST)
    )
    walk = walk.union(next_)
    return select(walk.c.id, walk.c.depth)


def _above() -> Select[tuple[UUID]]:
    """Ids of the team in the bind `id` and of all above it."""
    start = table.c.tenant_id == _TENANT, table.c.id == bindparam("id", type_=Uuid)
    walk = select(table.c.id, table.c.parent_id, literal(1, Integer).label("depth")).where(*start)
    climb = walk.cte("above", recursive=True)
    next_ = (
        select(table.c.id, table.c.parent_id, climb.c.depth + 1)
        .join(climb, table.c.id == climb.c.parent_id)
        .where(table.c.tenant_id == _TENANT, climb.c.depth < _DEEPEST)
    )
    return select(climb.union(next_).c.id)


_ABOVE = Statement(_above())
_below = below("roots").subquery()
_HEIGHT = Statement(select(func.coalesce(func.max(_below.c.depth), 0)))


async def line_above(call: Call, id: str) -> list[str]:
    """A team and all above it; none for no team."""
    return [str(row["id"]) for row in await call.fetch(_ABOVE, {"id": UUID(id)})] if id else []


async def height(call: Call, id: str) -> int:
    """How many levels there are below a team."""
    (row,) = await call.fetch(_HEIGHT, {"roots": [UUID(id)]})
    levels: int = row[0]
    return levels
