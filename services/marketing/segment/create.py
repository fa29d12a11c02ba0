"""Making a segment."""

from chassis.call import Call
from chassis.resource.standard import admitted, told_from_the_root
from kith.marketing.v1.segment_pb2 import CreateSegmentRequest, Segment
from marketing import holds
from marketing.segment.look import look_again
from marketing.segment.meaning import meaning
from marketing.segment.segment import SEGMENTS


async def create_segment(call: Call, request: CreateSegmentRequest) -> Segment:
    """As every noun is made; who is in it is settled at once, or where they are many by a job."""
    await holds.segments_alone(call)
    segment = admitted(SEGMENTS, call, request.segment)
    with told_from_the_root(SEGMENTS):
        meaning(call, segment.filter)
        made = await SEGMENTS.create(call, segment, id=request.id)
    return await look_again(call, made)
