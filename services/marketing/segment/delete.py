"""Putting a segment away."""

from chassis.call import Call
from kith.marketing.v1.segment_pb2 import DeleteSegmentRequest, Segment
from marketing import holds
from marketing.segment.segment import SEGMENTS
from marketing.segment.settle import settle


async def delete_segment(call: Call, request: DeleteSegmentRequest) -> Segment:
    """As every noun is deleted; whoever was in it leaves."""
    await holds.segments_alone(call)
    segment = await SEGMENTS.delete(call, request.id, request.etag)
    await settle(call, segment)
    return segment
