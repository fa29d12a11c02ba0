"""What a segment is."""

from chassis.resource.resource import Resource
from kith.marketing.v1.segment_pb2 import Segment

SEGMENTS = Resource(Segment, defaults=Segment(kind=Segment.DYNAMIC))
