"""How many records the holders of a role would gain or lose sight of if it were another: numbers, and nothing else."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, false, func, literal_column, select, true

from chassis.access.caller import Caller, Reach
from chassis.access.sight import UNSHARED, Sight
from chassis.call import Call
from chassis.database.statement import STATEMENTS
from chassis.errors import PermissionDenied, Unavailable
from chassis.resource.references import RESOURCES
from chassis.resource.resource import Resource
from kith.v1.access_pb2 import PreviewAccessResponse

Preview = PreviewAccessResponse
CHANGES_ROLES = "identity.role.update"
COUNTED = 1000  # records, of a person and noun
SECONDS = 4.0  # of counting


async def preview_access(service: str, call: Call, request: Any) -> PreviewAccessResponse:
    """Raises PermissionDenied for whoever may not change roles, and what identity refuses the change with."""
    if call.caller.reach(CHANGES_ROLES) is not Reach.TENANT:
        raise PermissionDenied("what a role gives is not yours to change", permission=CHANGES_ROLES)
    if call.means.changed_by is None:
        raise Unavailable("nobody else is known here")
    change = await call.means.changed_by(call.caller.tenant_id, request)
    nouns = [one for _, one in sorted(RESOURCES.items()) if one.noun.service == service]
    found = {one.noun.permission: Preview.NounChange(noun=one.noun.permission) for one in nouns}
    until = asyncio.get_running_loop().time() + SECONDS
    for before, after in change.holders:
        for resource in nouns:
            await _count(call, resource, (before, after), found[resource.noun.permission], until)
    return Preview(
        nouns=[one for one in found.values() if one.gaining_user_count or one.losing_user_count or one.is_capped],
        user_count=change.user_count,
        counted_user_count=len(change.holders),
    )


async def _count(call: Call, resource: Resource[Any], who: tuple[Caller, Caller], noun: Any, until: float) -> None:
    """Add to `noun` what one person would gain and lose."""
    before, after = (_Sees.of(call, resource, one) for one in who)
    if before.sight == after.sight:
        return
    try:
        async with asyncio.timeout_at(until):
            gained, lost = await _more(call, resource, after, before), await _more(call, resource, before, after)
    except TimeoutError:
        noun.is_capped = True
        return
    noun.gaining_user_count += bool(gained)
    noun.losing_user_count += bool(lost)
    noun.gained_count += min(gained, COUNTED)
    noun.lost_count += min(lost, COUNTED)
    noun.is_capped |= max(gained, lost) > COUNTED


@dataclass(frozen=True)
class _Sees:
    """The records of a noun that somebody would see; None for none."""

    sight: Sight | None
    binds: Mapping[str, object]

    @classmethod
    def of(cls, call: Call, resource: Resource[Any], who: Caller) -> "_Sees":
        noun = resource.noun
        theirs = Call(who, f"{noun.permission}.read", call.session, call.now, call.means)
        try:
            sight = theirs.sight(noun, "read")
        except PermissionDenied:
            return cls(None, {})
        return cls(sight if noun.owned else UNSHARED[Reach.TENANT], {**who.binds, **theirs.binds})


async def _more(call: Call, resource: Resource[Any], one: _Sees, other: _Sees) -> int:
    """How many records `one` has that `other` has not; one more than are counted where there are more still."""
    if one.sight is None or (other.sight is not None and one.sight.reach <= other.sight.reach):
        return 0  # a role changes how far one reaches, and not what was shared with one
    mine, theirs = one.sight, other.sight

    def build() -> Select[Any]:
        unseen = ~func.coalesce(resource.seen(theirs), false()) if theirs else true()
        living = [resource.table.c.delete_time.is_(None)] if "delete_time" in resource.table.c else []
        some: Select[Any] = (
            select(literal_column("1")).select_from(resource.table).where(resource.seen(mine), unseen, *living)
        )
        return select(func.count()).select_from(some.limit(literal_column(str(COUNTED + 1))).subquery())

    statement = STATEMENTS.get(("more in sight", resource.noun.permission, mine, theirs), build)
    rows = await call.session.fetch(statement, {**other.binds, **one.binds})
    count: int = rows[0][0]
    return count
