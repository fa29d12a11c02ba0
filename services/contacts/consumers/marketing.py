"""What contacts does when marketing speaks: it tells the customer's timeline by the names that marketing uses."""

from chassis.call import Call
from chassis.events.cloud_event import Event
from chassis.events.subscription import on
from contacts.interaction.hear import hear
from contacts.interaction.names import keep_name, name_of
from kith.contacts.v1.interaction_pb2 import Interaction
from kith.marketing.v1.campaign_member_pb2 import CampaignMemberEvent
from kith.marketing.v1.campaign_pb2 import CampaignEvent
from kith.marketing.v1.segment_membership_pb2 import SegmentMembershipEvent
from kith.marketing.v1.segment_pb2 import SegmentEvent


async def name_campaign(call: Call, message: CampaignEvent, event: Event) -> None:
    await keep_name(call, message.after.id, message.after.display_name, event.sequence)


async def name_segment(call: Call, message: SegmentEvent, event: Event) -> None:
    await keep_name(call, message.after.id, message.after.display_name, event.sequence)


async def tell_membership(call: Call, message: SegmentMembershipEvent, event: Event) -> None:
    """A contact entered a segment."""
    membership = message.after
    entry = Interaction(
        kind=Interaction.CAMPAIGN,
        summary=await name_of(call, membership.segment_id),
        body=membership.cause,
        source_record=f"segments/{membership.segment_id}",
    )
    await hear(call, event, entry, membership)


async def tell_member(call: Call, message: CampaignMemberEvent, event: Event) -> None:
    """A contact is to be addressed by a campaign."""
    member = message.after
    entry = Interaction(
        kind=Interaction.CAMPAIGN,
        summary=await name_of(call, member.campaign_id),
        source_record=f"campaigns/{member.campaign_id}",
    )
    await hear(call, event, entry, member)


HEARD_FROM_MARKETING = [
    on("marketing.campaign.*", name_campaign),
    on("marketing.segment.*", name_segment),
    on("marketing.segment_membership.entered", tell_membership),
    on("marketing.campaign_member.created", tell_member),
]
