"""Beginning a campaign."""

from chassis.call import Call
from kith.marketing.v1.campaign_pb2 import Campaign, LaunchCampaignRequest
from marketing.campaign import rules
from marketing.campaign.campaign import CAMPAIGNS


async def launch_campaign(call: Call, request: LaunchCampaignRequest) -> Campaign:
    """It was prepared, and now goes on."""
    campaign = await CAMPAIGNS.lock(call, request.id, request.etag)
    rules.launch(campaign, call.now)
    return await CAMPAIGNS.save(call, campaign, verb="launched")
