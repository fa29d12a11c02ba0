"""Everybody is compared with a segment: in one statement, and then one by one where something differs."""

from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import Integer, Select, Uuid, bindparam, false, func, or_, select

from chassis.access.caller import Reach
from chassis.call import Call
from chassis.errors import NotFound
from chassis.events.outbox import BULK
from chassis.jobs.jobs import Job
from chassis.resource.filter import Filter, filter_for
from chassis.resource.filter_sql import expression
from kith.marketing.v1.segment_pb2 import RecomputeSegmentRequest, Segment
from marketing import holds
from marketing.contact_fact.contact_fact import CONTACT_FACTS
from marketing.contact_fact.refresh import lock
from marketing.segment import rules
from marketing.segment.count import keep_count
from marketing.segment.meaning import is_relative, meant_by
from marketing.segment.segment import SEGMENTS
from marketing.segment_membership.bring_in_line import bring_in_line
from marketing.segment_membership.segment_membership import SEGMENT_MEMBERSHIPS
from marketing.tenant import as_tenant

AT_ONCE = 200  # contacts a transaction
LOWEST = UUID(int=0)
RECOMPUTED = "recomputed"


async def settle(call: Call, segment: Segment) -> None:
    """As much as goes at once now, by the service itself, and a job for what is left. Nobody is in a deleted one.

    Call it with the segments held alone.
    """
    service = await as_tenant(call)
    await _look_later(service, segment)
    if await _piece(service, segment, LOWEST) is not None:
        await service.schedule(recompute_members, RecomputeSegmentRequest(id=segment.id))


async def recompute_members(job: Job, request: RecomputeSegmentRequest) -> None:
    """All of it, in pieces that leave by the bulk lane; and the next time is set before the first of them."""
    try:
        await _in_pieces(job, request.id)
        async with job.piece() as call:
            await keep_count(call, request.id, RECOMPUTED, call.now)
    except NotFound:
        return  # nobody counts what was deleted


async def _in_pieces(job: Job, segment_id: str) -> None:
    after: UUID | None = LOWEST
    while after is not None:
        async with job.piece(BULK) as call:
            service = await as_tenant(call)
            await holds.segments_shared(service)
            segment = await SEGMENTS.get(service, segment_id, deleted=True)
            if after == LOWEST:
                await _look_later(service, segment)
            after = await _piece(service, segment, after)


async def _look_later(call: Call, segment: Segment) -> None:
    if segment.kind != Segment.DYNAMIC or segment.HasField("delete_time"):
        return
    at = rules.next_look(call.now, call.caller.time_zone, relative=is_relative(segment.filter))
    id = uuid5(UUID(segment.id), f"look {at.isoformat()}")
    await call.schedule(recompute_members, RecomputeSegmentRequest(id=segment.id), at, id)


async def _piece(call: Call, segment: Segment, after: UUID) -> UUID | None:
    """The next contacts whose membership differs from what the filter says; where to go on after, None at the end."""
    closed = segment.HasField("delete_time")
    wanted = filter_for(call, CONTACT_FACTS, segment.filter)
    binds = {**wanted.values, "segment": segment.id, "after": after, "at_once": AT_ONCE}
    shape = "differing members", closed, wanted.shape
    ids = [row["id"] for row in await call.ask(shape, lambda: _differing(wanted, closed=closed), binds)]
    facts = await lock(call, contacts=ids)
    meant = (lambda _: False) if closed else meant_by(wanted)
    await bring_in_line(call, facts, {segment.id: meant}, RECOMPUTED)
    return ids[-1] if len(ids) == AT_ONCE else None


def _differing(wanted: Filter, *, closed: bool) -> Select[Any]:
    """Who is meant and not in it, and who is in it and not meant; ids alone, so that both sides come from indexes."""
    fact, member = CONTACT_FACTS.table, SEGMENT_MEMBERSHIPS.table
    after = bindparam("after", type_=Uuid)
    meant = false() if closed else expression(wanted.shape, fact.c)
    living = CONTACT_FACTS.within(Reach.TENANT), fact.c.delete_time.is_(None), fact.c.id > after
    standing = SEGMENT_MEMBERSHIPS.within(Reach.TENANT), member.c.left_time.is_(None), member.c.delete_time.is_(None)
    here = member.c.segment_id == bindparam("segment", type_=Uuid), member.c.contact_id > after
    those = select(fact.c.id).where(*living, meant).subquery("meant")
    these = select(member.c.contact_id).where(*standing, *here).subquery("standing")
    both = those.join(these, those.c.id == these.c.contact_id, full=True)
    id = func.coalesce(those.c.id, these.c.contact_id).label("id")
    differ = or_(those.c.id.is_(None), these.c.contact_id.is_(None))
    return select(id).select_from(both).where(differ).order_by(id).limit(bindparam("at_once", type_=Integer))
