"""Campaigns and whom they address."""

import asyncio
from typing import Any

import pytest

from chassis.testing.later import jobs_done
from chassis.testing.serving import Refused, refusal
from kith.marketing.v1.campaign_member_pb2 import CampaignMember
from kith.marketing.v1.campaign_pb2 import Campaign
from tests.marketing.crowd import Crowd, new

NOT_FOUND = Refused("NOT_FOUND", "NOT_FOUND")
WAYS = {
    "DRAFT": [],
    "RUNNING": ["LaunchCampaign"],
    "PAUSED": ["LaunchCampaign", "PauseCampaign"],
    "COMPLETED": ["LaunchCampaign", "CompleteCampaign"],
    "CANCELLED": ["CancelCampaign"],
}
# What each step does to a campaign in each state: the state it leads to, or the reason it is refused with.
TABLE = """
           Launch     Pause        Resume      Complete     Cancel
DRAFT      RUNNING    NOT_RUNNING  NOT_PAUSED  NOT_RUNNING  CANCELLED
RUNNING    NOT_DRAFT  PAUSED       NOT_PAUSED  COMPLETED    CANCELLED
PAUSED     NOT_DRAFT  NOT_RUNNING  RUNNING     COMPLETED    CANCELLED
COMPLETED  NOT_DRAFT  NOT_RUNNING  NOT_PAUSED  NOT_RUNNING  CAMPAIGN_ENDED
CANCELLED  NOT_DRAFT  NOT_RUNNING  NOT_PAUSED  NOT_RUNNING  CAMPAIGN_ENDED
"""
_HEAD, *_ROWS = [line.split() for line in TABLE.strip().splitlines()]


@pytest.mark.parametrize("row", _ROWS, ids=lambda row: row[0])
async def test_every_step_is_taken_or_refused_by_name(crowd: Crowd, row: list[str]) -> None:
    marketer = crowd.as_("marketer")
    for step, leads_to in zip(_HEAD, row[1:], strict=True):
        campaign = await crowd.campaign()
        for before in WAYS[row[0]]:
            campaign = await getattr(marketer, before)(id=campaign.id)
        called = getattr(marketer, f"{step}Campaign")(id=campaign.id)
        if leads_to in WAYS:
            moved = await called
            assert Campaign.State.Name(moved.state) == leads_to, step
            assert moved.HasField("end_time") == (leads_to in ("COMPLETED", "CANCELLED"))
        else:
            assert (await refusal(called)).reason == leads_to, step
            assert await marketer.GetCampaign(id=campaign.id) == campaign


@pytest.mark.parametrize(
    ("given", "field"),
    [
        (
            {"start_date": {"year": 2027, "month": 2, "day": 2}, "end_date": {"year": 2027, "month": 2, "day": 1}},
            "end_date",
        ),
        ({"budget": {"currency_code": "CNY", "units": -1}}, "budget"),
        ({"actual_cost": {"currency_code": "CNY", "nanos": -1}}, "actual_cost"),
    ],
)
async def test_a_campaign_that_cannot_be_is_refused(crowd: Crowd, given: dict[str, Any], field: str) -> None:
    assert f"campaign.{field}" in (await refusal(crowd.campaign(**given))).fields


async def test_members_come_from_a_segment_or_by_name_each_once(crowd: Crowd) -> None:
    marketer, campaign = crowd.as_("marketer"), await crowd.campaign()
    account = await crowd.account()
    chief, buyer = await crowd.contact(position="CTO", account_id=account), await crowd.contact()
    segment = await crowd.segment('position = "CTO"')
    added = await marketer.AddMembers(id=campaign.id, segment_id=segment.id)
    assert added.member_count == 1
    again = await marketer.AddMembers(id=campaign.id, segment_id=segment.id)
    assert again == added, "nobody was added, so nothing happened"
    both = await marketer.AddMembers(id=campaign.id, contact_ids=[chief, buyer])
    assert both.member_count == 2
    members = (await marketer.ListCampaignMembers(order_by="create_time")).campaign_members
    assert [(one.contact_id, one.account_id, one.display_name) for one in members] == [
        (chief, account, "张伟"),
        (buyer, "", "张伟"),
    ]
    assert {one.state for one in members} == {CampaignMember.TARGETED}
    assert {one.owner_id for one in members} == {str(crowd.served.people["marketer"].user_id)}
    assert (await crowd.as_("colleague").ListCampaignMembers()).campaign_members == []
    assert await refusal(crowd.as_("colleague").AddMembers(id=campaign.id, contact_ids=[chief])) == NOT_FOUND
    verbs = [kind for kind, _ in await crowd.served.events("marketing.campaign_member")]
    assert verbs == ["kith.marketing.campaign_member.created.v1"] * 2


async def test_twins_add_everybody_once(crowd: Crowd) -> None:
    marketer, campaign = crowd.as_("marketer"), await crowd.campaign()
    contacts = [await crowd.contact() for _ in range(5)]
    calls = [marketer.AddMembers(id=campaign.id, contact_ids=contacts) for _ in range(4)]
    assert {reply.member_count for reply in await asyncio.gather(*calls)} == {5}


async def test_the_many_are_added_by_a_job(crowd: Crowd, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("marketing.campaign.add_members.AT_ONCE", 4)
    marketer, campaign = crowd.as_("marketer"), await crowd.campaign()
    contacts = [await crowd.contact() for _ in range(10)]
    segment = await crowd.segment("display_name:*")
    assert (await marketer.AddMembers(id=campaign.id, segment_id=segment.id)).member_count == 4
    await jobs_done(crowd.served)
    assert (await marketer.GetCampaign(id=campaign.id)).member_count == 10
    ended = await crowd.campaign()
    await marketer.AddMembers(id=ended.id, contact_ids=contacts)
    await marketer.CancelCampaign(id=ended.id)
    await jobs_done(crowd.served)
    assert (await marketer.GetCampaign(id=ended.id)).member_count == 4, "it was called off meanwhile"


@pytest.mark.parametrize(
    ("given", "fields"),
    [
        ({}, ["segment_id"]),
        ({"segment_id": "segment", "contact_ids": ["contact"]}, ["segment_id"]),
        ({"segment_id": "nobody"}, ["segment_id"]),
        ({"contact_ids": ["contact", "nobody", "deleted"]}, ["contact_ids[1]", "contact_ids[2]"]),
    ],
)
async def test_members_that_cannot_be_are_refused(crowd: Crowd, given: dict[str, Any], fields: list[str]) -> None:
    campaign, deleted = await crowd.campaign(), new()
    await crowd.contact(id=deleted, delete_time={"seconds": 1})
    known = {
        "segment": (await crowd.segment()).id,
        "contact": await crowd.contact(),
        "nobody": new(),
        "deleted": deleted,
    }
    asked = {
        name: known[value] if isinstance(value, str) else [known[one] for one in value] for name, value in given.items()
    }
    refused = await refusal(crowd.as_("marketer").AddMembers(id=campaign.id, **asked))
    assert (refused.code, sorted(refused.fields)) == ("INVALID_ARGUMENT", fields)
    assert (await crowd.as_("marketer").GetCampaign(id=campaign.id)) == campaign


async def test_an_ended_campaign_addresses_nobody_more(crowd: Crowd) -> None:
    marketer, campaign, contact = crowd.as_("marketer"), await crowd.campaign(), await crowd.contact()
    await marketer.CancelCampaign(id=campaign.id)
    refused = await refusal(marketer.AddMembers(id=campaign.id, contact_ids=[contact]))
    assert refused.reason == "CAMPAIGN_ENDED"
    planner = await crowd.campaign("planner")
    refused = await refusal(crowd.as_("planner").AddMembers(id=planner.id, contact_ids=[contact]))
    assert refused.code == "PERMISSION_DENIED", "whom one may not see one does not add"


STATES = ["TARGETED", "SENT", "ENGAGED", "RESPONDED", "CONVERTED", "OPTED_OUT"]


@pytest.mark.parametrize("state", STATES)
async def test_somebody_comes_forward_or_opts_out_for_good(crowd: Crowd, state: str) -> None:
    marketer = crowd.as_("marketer")
    for other in STATES:
        campaign = await crowd.campaign()
        await marketer.AddMembers(id=campaign.id, contact_ids=[await crowd.contact()])
        (member,) = (await marketer.ListCampaignMembers(filter=f'campaign_id = "{campaign.id}"')).campaign_members
        member = await marketer.SetMemberState(id=member.id, state=state)
        called = marketer.SetMemberState(id=member.id, state=other)
        if other == state:
            assert await called == member
        elif state == "OPTED_OUT":
            assert (await refusal(called)).reason == "MEMBER_OPTED_OUT"
        elif STATES.index(other) < STATES.index(state):
            assert (await refusal(called)).reason == "BACKWARDS"
        else:
            moved = await called
            assert CampaignMember.State.Name(moved.state) == other
            assert moved.state_change_time.ToNanoseconds() > member.state_change_time.ToNanoseconds()
            assert (await crowd.served.events("marketing.campaign_member"))[-1][0].split(".")[-2] == "state_changed"


async def test_who_is_taken_out_may_be_taken_back_unless_they_opted_out(crowd: Crowd) -> None:
    marketer, campaign = crowd.as_("marketer"), await crowd.campaign()
    one, other = await crowd.contact(), await crowd.contact()
    await marketer.AddMembers(id=campaign.id, contact_ids=[one, other])
    members = {member.contact_id: member for member in (await marketer.ListCampaignMembers()).campaign_members}
    await marketer.SetMemberState(id=members[other].id, state="OPTED_OUT")
    for member in members.values():
        await marketer.DeleteCampaignMember(id=member.id)
    assert (await marketer.GetCampaign(id=campaign.id)).member_count == 0
    assert (await marketer.AddMembers(id=campaign.id, contact_ids=[one, other])).member_count == 1
    assert (await refusal(marketer.UndeleteCampaignMember(id=members[one].id))).code == "ALREADY_EXISTS"
    await marketer.UndeleteCampaignMember(id=members[other].id)
    assert (await marketer.GetCampaign(id=campaign.id)).member_count == 2
