"""Stopping a campaign for a while."""

from chassis.call import Call
from kith.marketing.v1.campaign_pb2 import Campaign, PauseCampaignRequest
from marketing.campaign import rules
from marketing.campaign.campaign import CAMPAIGNS


async def pause_campaign(call: Call, request: PauseCampaignRequest) -> Campaign:
    """Until it is resumed."""
    campaign = await CAMPAIGNS.lock(call, request.id, request.etag)
    rules.pause(campaign)
    return await CAMPAIGNS.save(call, campaign, verb="paused")
