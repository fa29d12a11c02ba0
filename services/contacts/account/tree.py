"""Where an account hangs: asked of everybody's accounts, since a cycle may run through some the caller cannot see."""

from typing import Any

from sqlalchemy import BigInteger, Integer, Uuid, bindparam, func, literal, select
from sqlalchemy.sql.expression import CTE

from chassis.call import Call
from chassis.database.statement import Statement
from contacts.account import rules
from contacts.account.account import ACCOUNTS

_A = ACCOUNTS.table.c
_TENANT = bindparam("caller_tenant", type_=Uuid)
# One change of the tree at a time in a tenant: two that are right each by itself may close a circle together.
_LOCK = Statement(select(func.pg_advisory_xact_lock(bindparam("tree", type_=BigInteger))))


async def refuse_misplaced(call: Call, id: str, parent_id: str) -> None:
    """Hold the tenant's tree until the call ends, and see that `id` may hang under `parent_id`.

    Raises ParentCycle, TooDeep.
    """
    if not parent_id:
        return
    await call.fetch(_LOCK, {"tree": call.caller.tenant_id.int & 0x7FFF_FFFF_FFFF_FFFF})
    above = await call.fetch(_ABOVE, {"start": parent_id})
    below = await call.fetch(_BELOW, {"start": id})
    rules.refuse_misplaced(id, [str(row["id"]) for row in above], below[0]["depth"] or 0)


def _above() -> CTE:
    first = select(_A.id, _A.parent_id, literal(1).label("depth"))
    found = first.where(_A.tenant_id == _TENANT, _A.id == bindparam("start", type_=Uuid)).cte("found", recursive=True)
    return _grown(found, select(_A.id, _A.parent_id, found.c.depth + 1).where(_A.id == found.c.parent_id), found)


def _below() -> CTE:
    first = select(_A.id, _A.parent_id, literal(1).label("depth"))
    under = first.where(_A.tenant_id == _TENANT, _A.parent_id == bindparam("start", type_=Uuid))
    found = under.cte("found", recursive=True)
    return _grown(found, select(_A.id, _A.parent_id, found.c.depth + 1).where(_A.parent_id == found.c.id), found)


def _grown(found: CTE, more: Any, seen: CTE) -> CTE:
    """To where it ends, or one step beyond what is allowed."""
    return found.union_all(more.where(_A.tenant_id == _TENANT, seen.c.depth <= rules.DEEPEST))


_up, _down = _above(), _below()
_ABOVE = Statement(select(_up.c.id).order_by(_up.c.depth))
_BELOW = Statement(select(func.max(_down.c.depth, type_=Integer).label("depth")))
