"""Going on with a campaign."""

from chassis.call import Call
from kith.marketing.v1.campaign_pb2 import Campaign, ResumeCampaignRequest
from marketing.campaign import rules
from marketing.campaign.campaign import CAMPAIGNS


async def resume_campaign(call: Call, request: ResumeCampaignRequest) -> Campaign:
    """It was paused, and runs again."""
    campaign = await CAMPAIGNS.lock(call, request.id, request.etag)
    rules.resume(campaign)
    return await CAMPAIGNS.save(call, campaign, verb="resumed")
