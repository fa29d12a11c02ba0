"""Segments: who is in them, since when and why."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chassis.testing.bad_input import never_internal
from chassis.testing.later import jobs_done
from chassis.testing.serving import refusal
from kith.contacts.v1.contact_pb2 import Contact
from kith.marketing.v1.segment_pb2 import Segment
from tests.marketing.crowd import WON_THIS_YEAR, Crowd, new

LONG_AGO = datetime(2020, 5, 4, tzinfo=UTC)


async def test_who_wins_enters_at_once_and_it_is_told_why(crowd: Crowd) -> None:
    segment, account = await crowd.segment(), await crowd.account()
    contact = await crowd.contact(account_id=account)
    await crowd.won(account_id=account, at=LONG_AGO)
    assert await crowd.members(segment.id) == set()
    won = await crowd.won(account_id=account)
    assert await crowd.members(segment.id) == {contact}
    await crowd.won(id=won, account_id=account)
    assert await crowd.steps() == [("entered", contact, "sales.opportunity.won")]
    ((kind, _),) = await crowd.served.events("marketing.segment_membership")
    assert kind == "kith.marketing.segment_membership.entered.v1"
    (membership,) = (await crowd.as_("admin").ListSegmentMemberships()).segment_memberships
    assert membership.display_name == "张伟"
    await jobs_done(crowd.served, timedelta(seconds=10))
    assert (await crowd.as_("admin").GetSegment(id=segment.id)).member_count == 1
    assert (await crowd.served.events("marketing.segment"))[-1][0] == "kith.marketing.segment.counted.v1"


async def test_who_comes_back_has_a_second_membership(crowd: Crowd) -> None:
    segment, contact = await crowd.segment('position = "CTO"'), await crowd.contact(position="CTO")
    for position in ("CEO", "CTO"):
        await crowd.tells(Contact(id=contact, display_name="张伟", position=position))
    assert [step[0] for step in await crowd.steps()] == ["entered", "left", "entered"]
    assert await crowd.members(segment.id) == {contact}
    assert (await crowd.steps())[1] == ("left", contact, "contacts.contact.updated")


async def test_a_new_segment_is_settled_when_it_is_made(crowd: Crowd) -> None:
    contact, _ = await crowd.contact(position="CTO"), await crowd.contact()
    made = await crowd.segment('position = "CTO"')
    assert (made.member_count, made.kind, made.HasField("compute_time")) == (1, Segment.DYNAMIC, True)
    assert await crowd.members(made.id) == {contact}
    assert await crowd.as_("admin").GetSegment(id=made.id) == made
    trial = await crowd.as_("admin").CreateSegment(
        segment={"display_name": "x", "filter": WON_THIS_YEAR}, validate_only=True
    )
    assert (await refusal(crowd.as_("admin").GetSegment(id=trial.id))).code == "NOT_FOUND"


async def test_many_are_settled_by_a_job(crowd: Crowd, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("marketing.segment.settle.AT_ONCE", 3)
    contacts = {await crowd.contact() for _ in range(10)}
    made = await crowd.segment("display_name:*")
    assert made.member_count == 3
    await jobs_done(crowd.served)
    assert await crowd.members(made.id) == contacts
    assert (await crowd.as_("admin").GetSegment(id=made.id)).member_count == 10
    await crowd.as_("admin").DeleteSegment(id=made.id)
    await jobs_done(crowd.served)
    assert await crowd.members(made.id) == set()


async def test_another_filter_means_others(crowd: Crowd) -> None:
    admin = crowd.as_("admin")
    chief, other = await crowd.contact(position="CTO"), await crowd.contact(position="Buyer")
    made = await crowd.segment('position = "CTO"')
    renamed = await admin.UpdateSegment(segment={"id": made.id, "display_name": "Chiefs"})
    assert renamed.compute_time == made.compute_time, "nobody was looked at for a name"
    changed = await admin.UpdateSegment(segment={"id": made.id, "filter": 'position = "Buyer"'})
    assert (changed.member_count, await crowd.members(made.id)) == (1, {other})
    first, *others = [step[:2] for step in await crowd.steps()]
    assert (first, set(others)) == (("entered", chief), {("left", chief), ("entered", other)})
    await admin.DeleteSegment(id=made.id)
    assert await crowd.members(made.id) == set()
    await crowd.tells(Contact(id=chief, display_name="张伟", position="Buyer"))
    assert await crowd.members(made.id) == set(), "nobody enters what was put away"
    back = await admin.UndeleteSegment(id=made.id)
    assert (back.member_count, await crowd.members(made.id)) == (2, {chief, other})


async def test_a_static_segment_stays_as_it_was_settled(crowd: Crowd) -> None:
    chief = await crowd.contact(position="CTO")
    made = await crowd.segment('position = "CTO"', kind="STATIC")
    second = await crowd.contact(position="CTO")
    await crowd.tells(Contact(id=chief, display_name="张伟", position="CEO"))
    await jobs_done(crowd.served, timedelta(days=2))
    assert await crowd.members(made.id) == {chief}
    again = await crowd.as_("admin").RecomputeSegment(id=made.id)
    assert (again.member_count, await crowd.members(made.id)) == (1, {second})


async def test_time_alone_brings_people_out(crowd: Crowd) -> None:
    segment, contact = await crowd.segment(), await crowd.contact()
    await crowd.won(contact_id=contact)
    await crowd.served.admin.execute("update contact_fact set last_won_time = last_won_time - interval '1 year'")
    assert await crowd.members(segment.id) == {contact}
    await jobs_done(crowd.served, timedelta(hours=1, minutes=1))
    assert await crowd.members(segment.id) == set()
    assert (await crowd.steps())[-1] == ("left", contact, "recomputed")


async def test_what_no_event_told_of_is_mended_at_night(crowd: Crowd) -> None:
    segment, contact = await crowd.segment('position = "CTO"'), await crowd.contact(position="CTO")
    await crowd.served.admin.execute("update contact_fact set position = 'CEO'")
    await jobs_done(crowd.served, timedelta(days=1))
    assert (await crowd.members(segment.id), (await crowd.steps())[-1]) == (set(), ("left", contact, "recomputed"))


async def test_each_look_sets_the_next(crowd: Crowd) -> None:
    segment = await crowd.segment()
    await crowd.as_("admin").RecomputeSegment(id=segment.id)
    due = "select due_time from job where kind = 'recompute_members' and end_time is null"
    (look,) = await crowd.served.admin.fetch(due)
    assert timedelta() < look["due_time"] - datetime.now(UTC) <= timedelta(hours=1, seconds=1)
    await crowd.served.admin.execute("update job set id = gen_random_uuid(), due_time = now()")
    await jobs_done(crowd.served)
    assert await crowd.served.admin.fetch(due) == [look]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"filter": ""}, "segment.filter"),
        ({"filter": "colour = red"}, "segment.filter"),
        ({"filter": "last_won_time = sometime"}, "segment.filter"),
        ({"filter": "(position = CTO"}, "segment.filter"),
        ({"display_name": ""}, "segment.display_name"),
    ],
)
async def test_a_segment_that_cannot_be_is_refused(crowd: Crowd, given: dict[str, Any], field: str) -> None:
    admin, whole = crowd.as_("admin"), {"display_name": "x", "filter": WON_THIS_YEAR}
    refused = await refusal(admin.CreateSegment(segment=whole | given))
    assert (refused.code, list(refused.fields)) == ("INVALID_ARGUMENT", [field])
    made = await admin.CreateSegment(segment=whole)
    asked = {"segment": {"id": made.id, **given}, "update_mask": {"paths": [*given]}}
    refused = await refusal(admin.UpdateSegment(**asked))
    assert (refused.code, list(refused.fields)) == ("INVALID_ARGUMENT", [field])
    assert await admin.GetSegment(id=made.id) == made
    if "filter" in given:
        assert (await refusal(admin.PreviewSegment(**given))).code == "INVALID_ARGUMENT"


async def test_a_preview_counts_and_shows(crowd: Crowd) -> None:
    contacts = [await crowd.contact(position="CTO") for _ in range(12)]
    await crowd.contact()
    preview = await crowd.as_("admin").PreviewSegment(filter='position = "CTO"')
    assert preview.size == 12
    assert len(preview.sample) == 10
    assert {one.id for one in preview.sample} < set(contacts)
    assert (await crowd.as_("stranger").PreviewSegment(filter="position:*")).size == 0
    assert (await refusal(crowd.as_("planner").PreviewSegment(filter="position:*"))).code == "PERMISSION_DENIED"


async def test_an_explanation_says_which_condition_decides(crowd: Crowd) -> None:
    account = await crowd.account(region="EU")
    contact = await crowd.contact(account_id=account, position="CTO")
    segment = await crowd.segment('(position = "CTO" OR position:"chief") AND NOT region = "CN" AND won_amount >= 100')
    admin = crowd.as_("admin")
    told = await admin.ExplainMembership(id=segment.id, contact_id=contact)
    assert (told.member, told.cause) == (False, "")
    assert [(one.expression, one.holds, one.value) for one in told.conditions] == [
        ('position = "CTO"', True, '"CTO"'),
        ('position:"chief"', False, '"CTO"'),
        ('NOT region = "CN"', True, '"EU"'),
        ("won_amount >= 100", False, ""),
    ]
    await crowd.won(account_id=account, units=150)
    told = await admin.ExplainMembership(id=segment.id, contact_id=contact)
    assert (told.member, told.cause, told.HasField("entered_time")) == (True, "sales.opportunity.won", True)
    assert (told.conditions[-1].holds, told.conditions[-1].value) == (True, '"CNY 150"')
    discreet = await crowd.as_("discreet").ExplainMembership(id=segment.id, contact_id=contact)
    assert [one.expression for one in discreet.conditions] == [one.expression for one in told.conditions][:-1]
    assert (
        await refusal(crowd.as_("discreet").CreateSegment(segment={"display_name": "x", "filter": segment.filter}))
    ).code
    for who in (new(), segment.id):
        assert (await refusal(admin.ExplainMembership(id=segment.id, contact_id=who))).code == "NOT_FOUND"


async def test_nothing_anybody_sends_is_internal(crowd: Crowd) -> None:
    contact, segment = await crowd.contact(), await crowd.segment("display_name:*")
    campaign = await crowd.campaign("admin")
    await crowd.as_("admin").AddMembers(id=campaign.id, segment_id=segment.id)
    (member,) = (await crowd.as_("admin").ListCampaignMembers()).campaign_members
    await never_internal(crowd.served, "admin", [contact, segment.id, campaign.id, member.id])
