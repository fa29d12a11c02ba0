"""What a segment membership is."""

from sqlalchemy import Index, text

from chassis.resource.noun import noun_table
from chassis.resource.resource import Resource
from kith.marketing.v1.segment_membership_pb2 import SegmentMembership

# Who left may enter again, but is in it only once at a time.
ONCE = Index(
    "uq_segment_membership__contact_id",
    "tenant_id",
    "segment_id",
    "contact_id",
    unique=True,
    postgresql_where=text("left_time is null and delete_time is null"),
)
SEGMENT_MEMBERSHIPS = Resource(SegmentMembership, noun_table(SegmentMembership, ONCE))
