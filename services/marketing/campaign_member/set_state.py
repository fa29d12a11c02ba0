"""Saying how far somebody came in a campaign."""

from chassis.call import Call
from kith.marketing.v1.campaign_member_pb2 import CampaignMember, SetMemberStateRequest
from marketing.campaign_member import rules
from marketing.campaign_member.campaign_member import CAMPAIGN_MEMBERS


async def set_member_state(call: Call, request: SetMemberStateRequest) -> CampaignMember:
    """Also after the campaign has ended: answers come late."""
    member = await CAMPAIGN_MEMBERS.lock(call, request.id, request.etag)
    rules.move(member, request.state, call.now)
    return await CAMPAIGN_MEMBERS.save(call, member, verb="state_changed")
