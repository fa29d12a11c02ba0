"""Bringing a segment back."""

from chassis.call import Call
from kith.marketing.v1.segment_pb2 import Segment, UndeleteSegmentRequest
from marketing import holds
from marketing.segment.look import look_again
from marketing.segment.segment import SEGMENTS


async def undelete_segment(call: Call, request: UndeleteSegmentRequest) -> Segment:
    """As every noun is undeleted; whoever it means enters again."""
    await holds.segments_alone(call)
    return await look_again(call, await SEGMENTS.undelete(call, request.id, request.etag))
