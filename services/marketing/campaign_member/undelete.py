"""Taking somebody back into a campaign."""

from chassis.call import Call
from kith.marketing.v1.campaign_member_pb2 import CampaignMember, UndeleteCampaignMemberRequest
from marketing.campaign.count import recount
from marketing.campaign_member.campaign_member import CAMPAIGN_MEMBERS


async def undelete_campaign_member(call: Call, request: UndeleteCampaignMemberRequest) -> CampaignMember:
    """As every noun is undeleted; the campaign has one more."""
    member = await CAMPAIGN_MEMBERS.undelete(call, request.id, request.etag)
    await recount(call, member.campaign_id)
    return member
