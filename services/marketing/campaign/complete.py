"""Ending a campaign."""

from chassis.call import Call
from kith.marketing.v1.campaign_pb2 import Campaign, CompleteCampaignRequest
from marketing.campaign import rules
from marketing.campaign.campaign import CAMPAIGNS


async def complete_campaign(call: Call, request: CompleteCampaignRequest) -> Campaign:
    """It ran, or was paused, and is over."""
    campaign = await CAMPAIGNS.lock(call, request.id, request.etag)
    rules.complete(campaign, call.now)
    return await CAMPAIGNS.save(call, campaign, verb="completed")
