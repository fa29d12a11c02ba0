"""Addressing more people with a campaign."""

from chassis.call import Call
from chassis.errors import NotFound
from chassis.jobs.jobs import Job
from kith.marketing.v1.campaign_pb2 import AddMembersRequest, Campaign
from marketing.campaign import rules
from marketing.campaign.campaign import CAMPAIGNS
from marketing.campaign.count import member_count
from marketing.campaign.to_add import next_members, refuse_unknown
from marketing.campaign_member.campaign_member import CAMPAIGN_MEMBERS
from marketing.segment.segment import SEGMENTS

AT_ONCE = 200  # members a transaction


async def add_members(call: Call, request: AddMembersRequest) -> Campaign:
    """As many as go at once now, the rest by a job. Who is a member stays as they are, who opted out stays out."""
    rules.refuse_unclear(request)
    call.caller.reach("marketing.contact_fact.read")
    campaign = await CAMPAIGNS.lock(call, request.id, request.etag)
    rules.refuse_ended(campaign)
    if request.segment_id:
        await SEGMENTS.referred(call, request.segment_id, "segment_id")
    else:
        await refuse_unknown(call, request)
    if await _some(call, campaign, request) == AT_ONCE:
        await call.schedule(add_the_rest, request)
    return await CAMPAIGNS.save(call, campaign, verb="members_added")


async def add_the_rest(job: Job, request: AddMembersRequest) -> None:
    """Until all are members, or the campaign has ended."""
    added = AT_ONCE
    while added == AT_ONCE:
        async with job.piece() as call:
            try:
                campaign = await CAMPAIGNS.lock(call, request.id)
            except NotFound:
                return
            if campaign.state in rules.ENDED:
                return
            added = await _some(call, campaign, request)
            await CAMPAIGNS.save(call, campaign, verb="members_added")


async def _some(call: Call, campaign: Campaign, request: AddMembersRequest) -> int:
    """The campaign's row is held, so nobody else adds the same ones."""
    found = await next_members(call, request, AT_ONCE)
    for member in found:
        member.state_change_time.FromDatetime(call.now)
        await CAMPAIGN_MEMBERS.create(call, member)
    campaign.member_count = await member_count(call, campaign.id)
    return len(found)
