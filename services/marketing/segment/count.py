"""How many are in a segment."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import Select, Uuid, bindparam, func, select

from chassis.access.caller import Reach
from chassis.call import Call
from chassis.errors import NotFound
from kith.marketing.v1.segment_pb2 import RecomputeSegmentRequest, Segment
from marketing.segment import rules
from marketing.segment.segment import SEGMENTS
from marketing.segment_membership.segment_membership import SEGMENT_MEMBERSHIPS


async def count_soon(call: Call, segment_id: str) -> None:
    """In a few seconds, once for all who enter or leave until then: were it counted at each step, every event would
    wait for the segment's row, and its history would be a list of numbers."""
    at = rules.next_count(call.now)
    id = uuid5(UUID(segment_id), f"count {at.isoformat()}")
    await call.schedule(count_members, RecomputeSegmentRequest(id=segment_id), at, id)


async def count_members(call: Call, request: RecomputeSegmentRequest) -> None:
    """Publishes `counted` where the number is another by now."""
    try:
        await keep_count(call, request.id, "counted")
    except NotFound:
        return  # nobody counts what was deleted


async def keep_count(call: Call, segment_id: str, verb: str, computed: datetime | None = None) -> Segment:
    """`computed`: when everybody was looked at. Raises NotFound."""
    segment = await SEGMENTS.lock(call, segment_id)
    (row,) = await call.ask("members of a segment", _members, {"segment": segment_id})
    segment.member_count = row["members"]
    if computed:
        segment.compute_time.FromDatetime(computed)
    return await SEGMENTS.save(call, segment, verb=verb)


def _members() -> Select[Any]:
    table = SEGMENT_MEMBERSHIPS.table
    here = SEGMENT_MEMBERSHIPS.within(Reach.TENANT), table.c.segment_id == bindparam("segment", type_=Uuid)
    standing = table.c.left_time.is_(None), table.c.delete_time.is_(None)
    return select(func.count().label("members")).where(*here, *standing)
