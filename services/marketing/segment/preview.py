"""Trying a filter before it is kept."""

from chassis.call import Call
from chassis.resource.listing import page, total
from kith.marketing.v1.contact_fact_pb2 import ContactFact, ListContactFactsRequest
from kith.marketing.v1.segment_pb2 import PreviewSegmentRequest, PreviewSegmentResponse
from marketing.contact_fact.contact_fact import CONTACT_FACTS
from marketing.segment.meaning import meaning

SHOWN = 10


async def preview_segment(call: Call, request: PreviewSegmentRequest) -> PreviewSegmentResponse:
    """How many, and the newest of them; refused as CreateSegment would refuse it."""
    meaning(call, request.filter)
    asked = ListContactFactsRequest(filter=request.filter, page_size=SHOWN, exact_total=True)
    found, _ = await page(CONTACT_FACTS, call, asked)  # type: ignore[arg-type]  # Resource is invariant; this only reads
    size, _ = await total(CONTACT_FACTS, call, asked)  # type: ignore[arg-type]  # as above
    return PreviewSegmentResponse(size=size, sample=[ContactFact(**fields) for fields in found])
