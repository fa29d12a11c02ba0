"""What the desk does by itself: onboarding, and the cases of who leaves (R19, small)."""

import asyncio
import uuid
from typing import Any

import pytest

from chassis.testing.later import event_of, jobs_done
from chassis.testing.serving import refusal
from kith.identity.v1.user_pb2 import User, UserEvent
from kith.service_desk.v1.case_pb2 import Case
from tests.service_desk.desk import Desk
from tests.service_desk.people import ACME, SUPPORT


async def test_a_win_opens_the_onboarding_case(desk: Desk) -> None:
    won = await desk.win(contact_id=desk.id_of("agent"), name="十台机器人")
    (case,) = (await desk.as_("colleague").ListCases()).cases
    assert (case.type, case.state, case.number, case.queue_id) == (Case.ONBOARDING, Case.NEW, 1, desk.queue)
    assert (case.account_id, case.contact_id, case.opportunity_id) == (won.account_id, won.contact_id, won.id)
    assert (case.display_name, case.team_id) == ("客户启用：十台机器人", str(SUPPORT))
    assert (await desk.as_("seller").GetCase(id=case.id)).id == case.id, "whoever sold sees it"
    ((verb, event),) = await desk.case_events()
    assert (verb, event.after) == ("created", case)


async def test_however_often_it_is_told_there_is_one_of_them(desk: Desk) -> None:
    won = await desk.win()
    again: dict[str, Any] = {"id": won.id, "account_id": won.account_id}
    await desk.win(**again)  # the same step, told again
    await desk.win(**again, sequence=5)  # won, taken back, and won again
    await desk.win(**again, sequence=1)  # out of order
    await asyncio.gather(*(desk.win(**again, sequence=number) for number in range(7, 12)))
    (case,) = (await desk.as_("admin").ListCases()).cases
    await desk.as_("admin").DeleteCase(id=case.id)
    await desk.win(**again)
    assert not (await desk.as_("admin").ListCases()).cases, "what somebody put away stays away"
    other = await desk.win()
    by_hand = {"display_name": "Onboard the second site", "type": "ONBOARDING", "opportunity_id": other.id}
    await desk.as_("admin").CreateCase(case=by_hand)
    assert [one.number for one in (await desk.as_("admin").ListCases(order_by="number")).cases] == [2, 3]


async def test_twins_that_meet_before_either_is_done_open_one(desk: Desk) -> None:
    won = await desk.win()
    await desk.served.admin.execute("delete from opened_case")
    await asyncio.gather(*(desk.win(id=won.id) for _ in range(8)))
    assert len((await desk.as_("admin").ListCases()).cases) == 2


@pytest.mark.parametrize(("successor", "owner"), [("colleague", "colleague"), ("seller", None)])
async def test_nothing_stays_with_somebody_who_left(desk: Desk, successor: str, owner: str | None) -> None:
    opened, closed = await desk.opened(state="OPEN"), await desk.opened(state="CLOSED")
    left, follows = desk.id_of("agent"), desk.id_of(successor)
    user = User(id=left, state=User.DEACTIVATED, successor_id=follows)
    for sequence in (4, 4):
        await desk.served.hear(event_of(ACME, "identity.user.deactivated", UserEvent(after=user), sequence))
    await jobs_done(desk.served)
    admin = desk.as_("admin")
    assert (await admin.GetCase(id=closed.id)).owner_id == follows
    passed = await admin.GetCase(id=opened.id)
    assert passed.team_id == str(SUPPORT)
    assert passed.state == Case.OPEN
    if owner:
        assert passed.owner_id == desk.id_of(owner)
    else:
        assert passed.owner_id not in {desk.id_of(name) for name in desk.served.people}
    assert (await desk.as_("colleague").AssignCase(id=opened.id, owner_id=desk.id_of("colleague"))).id == opened.id
    assert (await refusal(desk.as_("agent").GetCase(id=opened.id))).code == "NOT_FOUND"


async def test_cases_of_a_leaver_wait_in_the_team_that_holds_them(desk: Desk) -> None:
    """ID-03: whoever serves the queue goes first; what no team serves is the holding team's; nothing stays."""
    queued, alone, closed = (
        await desk.opened(state="OPEN"),
        await desk.opened(state="OPEN"),
        await desk.opened(state="CLOSED"),
    )
    await desk.served.admin.execute('update "case" set queue_id = null, team_id = null where id = $1', alone.id)
    holding = str(uuid.uuid4())
    user = User(id=desk.id_of("agent"), state=User.DEACTIVATED, holding_team_id=holding)
    await desk.served.hear(event_of(ACME, "identity.user.deactivated", UserEvent(after=user), 4))
    await jobs_done(desk.served)
    everybody = {desk.id_of(name) for name in desk.served.people}
    found = [await desk.as_("admin").GetCase(id=one.id) for one in (queued, alone, closed)]
    assert not everybody.intersection(one.owner_id for one in found)
    assert [one.team_id for one in found[:2]] == [str(SUPPORT), holding]
