"""Looking at everybody again."""

from chassis.call import Call
from kith.marketing.v1.segment_pb2 import RecomputeSegmentRequest, Segment
from marketing import holds
from marketing.segment.look import look_again
from marketing.segment.segment import SEGMENTS


async def recompute_segment(call: Call, request: RecomputeSegmentRequest) -> Segment:
    """Memberships are mended, also of a segment that does not follow the facts."""
    await holds.segments_alone(call)
    return await look_again(call, await SEGMENTS.lock(call, request.id, request.etag))
