"""A segment changes, and may mean others."""

from chassis.call import Call
from chassis.resource.standard import standard, told_from_the_root
from kith.marketing.v1.segment_pb2 import Segment, UpdateSegmentRequest
from marketing import holds
from marketing.segment.look import look_again
from marketing.segment.meaning import meaning
from marketing.segment.segment import SEGMENTS

_update = standard(SEGMENTS, "UpdateSegment")


async def update_segment(call: Call, request: UpdateSegmentRequest) -> Segment:
    """As every noun is updated; another filter is settled as that of a new one."""
    await holds.segments_alone(call)
    with told_from_the_root(SEGMENTS):
        before = await SEGMENTS.lock(call, request.segment.id, request.segment.etag)
        segment = await _update(call, request)
        if segment.filter == before.filter:
            return segment
        meaning(call, segment.filter)
    return await look_again(call, segment)
