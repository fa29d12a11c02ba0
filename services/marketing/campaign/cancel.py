"""Calling a campaign off."""

from chassis.call import Call
from kith.marketing.v1.campaign_pb2 import Campaign, CancelCampaignRequest
from marketing.campaign import rules
from marketing.campaign.campaign import CAMPAIGNS


async def cancel_campaign(call: Call, request: CancelCampaignRequest) -> Campaign:
    """Whatever it was, unless it had ended."""
    campaign = await CAMPAIGNS.lock(call, request.id, request.etag)
    rules.cancel(campaign, call.now)
    return await CAMPAIGNS.save(call, campaign, verb="cancelled")
