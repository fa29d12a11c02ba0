"""The timeline: everything that happened with a customer, once, in order (CO-04, CO-24)."""

import asyncio
import itertools
import random
import uuid
from dataclasses import replace
from typing import Any

import pytest

from chassis.errors import FailedPrecondition
from chassis.events.cloud_event import Event
from chassis.testing.later import event_of
from chassis.testing.serving import Refused, Served, refusal
from kith.contacts.v1.account_pb2 import Account
from kith.contacts.v1.contact_pb2 import Contact
from kith.contacts.v1.interaction_pb2 import Interaction
from kith.identity.v1.user_pb2 import User, UserEvent
from kith.sales.v1.opportunity_pb2 import Opportunity
from kith.service_desk.v1.case_message_pb2 import CaseMessage
from tests.contacts.people import ACME
from tests.contacts.telling import told
from tests.contacts.working import settle

CALL = {"kind": Interaction.CALL, "interaction_time": {"seconds": 1_800_000_000}, "summary": "谈了报价"}


async def customer(office: Served, user: str = "rep") -> tuple[Account, Contact]:
    client = office.as_(user)
    account = await client.CreateAccount(account={"display_name": "长江工业"})
    return account, await client.CreateContact(contact={"display_name": "张伟", "account_id": account.id})


async def timeline(office: Served, **of: str) -> list[Interaction]:
    ((name, id),) = of.items()
    listed = await office.as_("admin").ListInteractions(filter=f'{name} = "{id}"', order_by="interaction_time, id")
    return list(listed.interactions)


async def test_a_call_is_logged_with_the_contact_and_their_account(office: Served) -> None:
    account, contact = await customer(office)
    logged = await office.as_("rep").LogInteraction(interaction=CALL | {"contact_id": contact.id})
    assert (logged.account_id, logged.owner_id) == (account.id, str(office.people["rep"].user_id))
    assert [one.id for one in await timeline(office, account_id=account.id)] == [logged.id]
    for got in (await office.as_("rep").GetAccount(id=account.id), await office.as_("rep").GetContact(id=contact.id)):
        assert got.last_interaction_time.seconds == CALL["interaction_time"]["seconds"]  # type: ignore[index]  # a dict


async def test_many_may_log_with_one_customer_at_once(office: Served) -> None:
    """R23: none of them waits for one who waits for them, which PostgreSQL would end by refusing somebody."""
    rep, (_, contact) = office.as_("rep"), await customer(office)
    await asyncio.gather(*(rep.LogInteraction(interaction=CALL | {"contact_id": contact.id}) for _ in range(12)))
    assert len(await timeline(office, contact_id=contact.id)) == 12


async def test_an_earlier_one_is_logged_without_being_the_last(office: Served) -> None:
    rep, (account, _) = office.as_("rep"), await customer(office)
    await rep.LogInteraction(interaction=CALL | {"account_id": account.id})
    await rep.LogInteraction(interaction=CALL | {"account_id": account.id, "interaction_time": {"seconds": 5}})
    assert (await rep.GetAccount(id=account.id)).last_interaction_time.seconds == 1_800_000_000
    assert [one.interaction_time.seconds for one in await timeline(office, account_id=account.id)] == [5, 1_800_000_000]


async def test_a_source_is_logged_once(office: Served) -> None:
    rep, (account, _) = office.as_("rep"), await customer(office)
    given = CALL | {"account_id": account.id, "source": "pbx/4711"}
    first = await rep.LogInteraction(interaction=given)
    assert await rep.LogInteraction(interaction=given | {"summary": "又一次"}) == first
    await rep.DeleteInteraction(id=first.id)
    assert (await rep.LogInteraction(interaction=given)).id == first.id
    assert await refusal(office.as_("colleague").LogInteraction(interaction=CALL | {"source": "pbx/4711"})) == Refused(
        "ALREADY_EXISTS", "ALREADY_EXISTS"
    )


async def test_talking_to_a_colleagues_customer_needs_no_right_to_change_them(office: Served) -> None:
    account, _ = await customer(office, "admin")
    office.people["rep"] = office.people["rep"].__class__(
        ACME,
        office.people["rep"].user_id,
        {**office.people["rep"].grants, "contacts.account.read": office.people["admin"].grants["contacts.*"]},
    )
    await office.as_("rep").LogInteraction(interaction=CALL | {"account_id": account.id})
    assert (await office.as_("admin").GetAccount(id=account.id)).HasField("last_interaction_time")
    stranger = await refusal(office.as_("stranger").LogInteraction(interaction=CALL | {"account_id": account.id}))
    assert list(stranger.fields) == ["interaction.account_id"]


def story(account: Account, contact: Contact) -> list[Event]:
    """What the main job of the suite makes of a customer."""
    both = {"account_id": account.id, "contact_id": contact.id}
    lead, deal, case, segment, campaign = (str(uuid.uuid4()) for _ in range(5))
    step = {"id": deal, "display_name": "十台机器人"} | both
    ticket = {"id": case, "display_name": "上线服务"} | both
    public, internal = ({"message": {"kind": kind, "direction": CaseMessage.OUTBOUND}} for kind in (1, 2))
    return [
        told("sales.lead.converted", 4, id=lead, display_name="张伟", **both),
        told("sales.opportunity.created", 1, **step, state=Opportunity.OPEN),
        told("sales.opportunity.stage_changed", 2, **step, state=Opportunity.OPEN),
        told("sales.opportunity.won", 3, **step, state=Opportunity.WON, closed_time={"seconds": 1_800_000_777}),
        told("service_desk.case.created", 1, **ticket),
        told("service_desk.case.replied", 2, public, **ticket),
        told("service_desk.case.replied", 3, internal, **ticket),
        told("service_desk.case.resolved", 4, **ticket),
        told("service_desk.case.reopened", 5, **ticket),
        told("marketing.segment.created", 1, id=segment, display_name="今年赢单客户"),
        told(
            "marketing.segment_membership.entered", 1, id=str(uuid.uuid4()), segment_id=segment, contact_id=contact.id
        ),
        told("marketing.campaign.created", 1, id=campaign, display_name="春季活动"),
        told("marketing.campaign_member.created", 1, id=str(uuid.uuid4()), campaign_id=campaign, contact_id=contact.id),
    ]


TOLD = [
    ("sales.lead.converted", "张伟"),
    ("sales.opportunity.created", "十台机器人"),
    ("sales.opportunity.stage_changed", "十台机器人"),
    ("sales.opportunity.won", "十台机器人"),
    ("service_desk.case.created", "上线服务"),
    ("service_desk.case.replied", "上线服务"),
    ("service_desk.case.resolved", "上线服务"),
    ("service_desk.case.reopened", "上线服务"),
    ("marketing.segment_membership.entered", "今年赢单客户"),
    ("marketing.campaign_member.created", "春季活动"),
]


async def test_what_the_other_services_tell_is_there_in_order_and_the_customers_owners(office: Served) -> None:
    account, contact = await customer(office)
    for event in story(account, contact):
        await office.hear(event)
    for of in ({"account_id": account.id}, {"contact_id": contact.id}):
        entries = await timeline(office, **of)
        assert [(one.source.partition("/")[0], one.summary) for one in entries] == TOLD
        assert {(one.owner_id, one.team_id) for one in entries} == {(contact.owner_id, contact.team_id)}
    kinds = [one.kind for one in await timeline(office, contact_id=contact.id)]
    assert (kinds[3], kinds[4], kinds[-1]) == (Interaction.PURCHASE, Interaction.CASE, Interaction.CAMPAIGN)
    assert len((await office.as_("rep").ListInteractions()).interactions) == len(TOLD)
    assert not (await office.as_("colleague").ListInteractions()).interactions


@pytest.mark.parametrize("seed", range(3))
async def test_told_twice_and_in_any_order_it_is_there_once(office: Served, seed: int) -> None:
    account, contact = await customer(office)
    events = [event for event in story(account, contact) for _ in range(2)]
    names = [
        event for event in events if event.type.startswith(("kith.marketing.segment.", "kith.marketing.campaign."))
    ]
    rest = [event for event in events if event not in names]
    random.Random(seed).shuffle(rest)
    for event in (*names, *rest):
        await office.hear(event)
    entries = await timeline(office, contact_id=contact.id)
    assert [(one.source.partition("/")[0], one.summary) for one in entries] == TOLD
    bought = await office.as_("rep").GetAccount(id=account.id)
    assert (bought.won_opportunity_count, bought.last_won_time.seconds) == (1, 1_800_000_777)


async def test_an_event_of_nobody_known_is_tried_again_and_of_a_deleted_one_passes(office: Served) -> None:
    account, contact = await customer(office)
    id = str(uuid.uuid4())
    with pytest.raises(FailedPrecondition) as refused:
        await office.hear(told("service_desk.case.created", id=id, display_name="?", contact_id=str(uuid.uuid4())))
    assert refused.value.reason == "CUSTOMER_ABSENT"
    both: dict[str, Any] = {"account_id": account.id, "contact_id": contact.id}
    await office.as_("rep").DeleteContact(id=contact.id)
    await office.hear(told("service_desk.case.created", id=id, display_name="对公司", **both))
    (entry,) = await timeline(office, account_id=account.id)
    assert (entry.contact_id, entry.owner_id) == ("", account.owner_id)
    await office.as_("rep").DeleteAccount(id=account.id)
    await office.hear(told("service_desk.case.resolved", 2, id=id, display_name="对公司", **both))
    assert len((await office.as_("admin").ListInteractions()).interactions) == 1


def deals(account: str, other: str) -> list[Event]:
    """Two won with the account, one of them reopened and won again, and one that went to another account."""
    first, second, third = (str(uuid.uuid4()) for _ in range(3))

    def step(verb: str, sequence: int, id: str, state: Any, seconds: int = 0, of: str = account) -> Event:
        closed = {"closed_time": {"seconds": seconds}} if seconds else {}
        return told(
            f"sales.opportunity.{verb}", sequence, id=id, state=state, account_id=of, display_name="x", **closed
        )

    won, open_ = Opportunity.WON, Opportunity.OPEN
    return [
        step("won", 2, first, won, 100),
        step("reopened", 3, first, open_),
        step("won", 4, first, won, 300),
        step("won", 2, second, won, 200),
        step("won", 2, third, won, 400),
        step("updated", 3, third, won, 400, other),
    ]


async def test_purchases_are_right_whatever_the_order(office: Served) -> None:
    orders = list(itertools.permutations(range(6)))
    for order in random.Random(7).sample(orders, 6):
        account, other = [(await customer(office))[0] for _ in range(2)]
        events = deals(account.id, other.id)
        for place in (*order, *order):
            await office.hear(events[place])
        found = [await office.as_("rep").GetAccount(id=one.id) for one in (account, other)]
        figures = [(one.won_opportunity_count, one.last_won_time.seconds) for one in found]
        assert figures == [(2, 300), (1, 400)], order


@pytest.mark.parametrize("manager", ["colleague", ""])
async def test_a_team_holds_what_a_leaver_left(office: Served, manager: str) -> None:
    """ID-03: its manager's, or nobody's until somebody of the team takes it; and a second hearing changes nothing."""
    account, contact = await customer(office)
    leaver, takes = office.people["rep"].user_id, str(office.people[manager].user_id) if manager else ""
    holding = uuid.uuid4()  # none that any of the records is of yet
    office.people["manager"] = replace(office.people["manager"], team_ids=(holding,))
    left = UserEvent(after=User(id=str(leaver), successor_id=takes, holding_team_id=str(holding)))
    for sequence in (4, 4):
        await office.hear(event_of(ACME, "identity.user.deactivated", left, sequence))
    await settle(office)
    for got in (
        await office.as_("manager").GetAccount(id=account.id),
        await office.as_("manager").GetContact(id=contact.id),
    ):
        assert (got.team_id, got.etag) == (str(holding), '"2"')
        everybody = {str(one.user_id) for one in office.people.values()}
        assert got.owner_id == takes if manager else got.owner_id not in everybody
    assert (await refusal(office.as_("rep").GetAccount(id=account.id))).code == "NOT_FOUND"
    me = str(office.people["manager"].user_id)
    taken = await office.as_("manager").TransferAccount(id=account.id, owner_id=me, team_id=str(holding))
    assert taken.owner_id == me


async def test_a_leavers_records_go_to_the_successor(office: Served) -> None:
    account, contact = await customer(office)
    rep, colleague = office.as_("rep"), office.as_("colleague")
    task = await rep.CreateTask(task={"display_name": "回访", "account_id": account.id})
    note = await rep.CreateNote(note={"body": "喜欢绿茶", "contact_id": contact.id})
    view = await rep.CreateSavedView(saved_view={"display_name": "v", "noun": "contacts.account"})
    leaver, successor = (office.people[name].user_id for name in ("rep", "colleague"))
    left = UserEvent(verb="deactivated", after=User(id=str(leaver), successor_id=str(successor)))
    event = told("sales.lead.converted", id=str(leaver))
    heard = Event(
        event.id, "kith.identity.user.deactivated.v1", ACME, leaver, 1, event.time, "", left.SerializeToString()
    )
    await office.hear(heard)
    await settle(office)
    for got in (
        await colleague.GetAccount(id=account.id),
        await colleague.GetContact(id=contact.id),
        await colleague.GetTask(id=task.id),
        await colleague.GetNote(id=note.id),
        await colleague.GetSavedView(id=view.id),
    ):
        assert (got.owner_id, got.etag) == (str(successor), '"2"')
    assert not (await rep.ListAccounts()).accounts
    revisions = (await colleague.ListAccountRevisions(id=account.id)).revisions
    assert [one.verb for one in revisions] == ["transferred", "created"]
