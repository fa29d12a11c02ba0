"""A segment looks at everybody again because it changed, or because somebody asked."""

from chassis.call import Call
from kith.marketing.v1.segment_pb2 import Segment
from marketing.segment.count import keep_count
from marketing.segment.settle import RECOMPUTED, settle
from marketing.tenant import as_tenant


async def look_again(call: Call, segment: Segment) -> Segment:
    """The segment with the number it has by then. Call it with the segments held alone."""
    await settle(call, segment)
    return await keep_count(await as_tenant(call), segment.id, RECOMPUTED, call.now)
