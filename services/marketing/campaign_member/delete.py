"""Taking somebody out of a campaign."""

from chassis.call import Call
from kith.marketing.v1.campaign_member_pb2 import CampaignMember, DeleteCampaignMemberRequest
from marketing.campaign.count import recount
from marketing.campaign_member.campaign_member import CAMPAIGN_MEMBERS


async def delete_campaign_member(call: Call, request: DeleteCampaignMemberRequest) -> CampaignMember:
    """As every noun is deleted; the campaign has one less."""
    member = await CAMPAIGN_MEMBERS.delete(call, request.id, request.etag)
    await recount(call, member.campaign_id)
    return member
