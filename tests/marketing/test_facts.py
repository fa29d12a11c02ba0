"""What is known of a contact, drawn together from what others tell, in whatever order it comes."""

from datetime import UTC, datetime

from chassis.testing.later import event_of, jobs_done
from chassis.testing.serving import refusal
from kith.contacts.v1.account_pb2 import Account
from kith.contacts.v1.contact_pb2 import Contact
from kith.identity.v1.tenant_pb2 import Tenant
from kith.identity.v1.user_pb2 import User, UserEvent
from kith.marketing.v1.contact_fact_pb2 import ContactFact
from kith.sales.v1.lead_pb2 import Lead
from kith.sales.v1.opportunity_pb2 import Opportunity
from kith.service_desk.v1.case_pb2 import Case
from tests.marketing.crowd import Crowd, new
from tests.marketing.people import ACME, RIVAL

LAST_YEAR = datetime(2020, 5, 4, tzinfo=UTC)


async def fact(crowd: Crowd, contact: str) -> ContactFact:
    found: ContactFact = await crowd.as_("admin").GetContactFact(id=contact)
    return found


async def test_a_fact_says_what_contact_account_lead_and_deals_say(crowd: Crowd) -> None:
    account = await crowd.account(industry="Robotics", type="CUSTOMER", region="华北")
    tag = new()
    contact = await crowd.contact(account_id=account, position="CTO", source="Fair", tag_ids=[tag])
    await crowd.tells(Lead(id=new(), contact_id=contact, source="Web"), "converted")
    await crowd.won(account_id=account, units=100, at=LAST_YEAR)
    await crowd.won(account_id=account, units=50)
    await crowd.won(contact_id=contact, units=7, currency="EUR", base="54.25")
    await crowd.won(contact_id=contact, units=1000, currency="USD")  # which had no rate
    await crowd.tells(Opportunity(id=new(), account_id=account, state=Opportunity.OPEN), "created")
    case = Case(id=new(), account_id=account, state=Case.NEW)
    await crowd.tells(case, "created")
    known = await fact(crowd, contact)
    assert (known.display_name, known.position, known.source, known.lead_source) == ("张伟", "CTO", "Fair", "Web")
    assert (known.industry, known.account_type, known.region) == ("Robotics", "CUSTOMER", "华北")
    assert (known.won_opportunity_count, known.open_opportunity_count, known.open_case_count) == (4, 1, 1)
    amount = known.won_amount
    assert (amount.currency_code, amount.units, amount.nanos, amount.base_amount) == ("CNY", 204, 250_000_000, "204.25")
    assert known.last_won_time.ToDatetime(UTC).date() == datetime.now(UTC).date()
    assert list(known.tag_ids) == [tag]
    case.state = Case.RESOLVED
    case.resolved_time.FromDatetime(LAST_YEAR)
    await crowd.tells(case, "resolved")
    known = await fact(crowd, contact)
    assert (known.open_case_count, known.last_case_resolved_time.ToDatetime(UTC)) == (0, LAST_YEAR)


async def test_what_is_told_before_its_contact_waits_for_them(crowd: Crowd) -> None:
    account, contact = new(), new()
    await crowd.won(account_id=account)
    await crowd.tells(Case(id=new(), contact_id=contact, state=Case.OPEN), "created")
    await crowd.tells(Account(id=account, industry="Robotics"), "created")
    segment = await crowd.segment()
    await crowd.contact(id=contact, account_id=account)
    known = await fact(crowd, contact)
    assert (known.industry, known.won_opportunity_count, known.open_case_count) == ("Robotics", 1, 1)
    assert await crowd.members(segment.id) == {contact}


async def test_what_was_overtaken_changes_nothing(crowd: Crowd) -> None:
    account, contact = await crowd.account(industry="Robotics"), new()
    await crowd.tells(Contact(id=contact, display_name="New", account_id=account), sequence=5)
    await crowd.tells(Contact(id=contact, display_name="Old"), sequence=4)
    await crowd.tells(Account(id=account, industry="Old"), sequence=7)
    await crowd.tells(Account(id=account, industry="Older"), sequence=6)
    won = await crowd.won(account_id=account)
    await crowd.tells(Opportunity(id=won, account_id=account, state=Opportunity.OPEN), "created", sequence=1)
    known = await fact(crowd, contact)
    assert (known.display_name, known.industry, known.won_opportunity_count) == ("New", "Old", 1)


async def test_a_deal_that_changes_hands_changes_both(crowd: Crowd) -> None:
    first, second = await crowd.account(), await crowd.account()
    one, other = await crowd.contact(account_id=first), await crowd.contact(account_id=second)
    won = await crowd.won(account_id=first)
    await crowd.won(id=won, account_id=second)
    assert [(await fact(crowd, who)).won_opportunity_count for who in (one, other)] == [0, 1]
    moved = await crowd.tells(Contact(id=one, display_name="张伟", account_id=second))
    assert (await fact(crowd, moved)).won_opportunity_count == 1


async def test_of_who_was_deleted_nothing_is_kept_and_all_comes_back(crowd: Crowd) -> None:
    account = await crowd.account(industry="Robotics")
    person = Contact(id=new(), display_name="张伟", account_id=account, position="CTO")
    await crowd.tells(person, "created")
    everybody = await crowd.segment("display_name:*")
    assert await crowd.members(everybody.id) == {person.id}
    person.delete_time.FromDatetime(LAST_YEAR)
    await crowd.tells(person, "deleted")
    assert not (await crowd.as_("admin").ListContactFacts()).contact_facts
    stored = dict((await crowd.served.admin.fetch("select * from contact_fact"))[0])
    assert "张伟" not in str(stored)
    assert "Robotics" not in str(stored)
    assert await crowd.members(everybody.id) == set()
    person.ClearField("delete_time")
    await crowd.tells(person, "undeleted")
    assert (await fact(crowd, person.id)).industry == "Robotics"
    assert [step[0] for step in await crowd.steps()] == ["entered", "left", "entered"]


async def test_what_was_won_is_told_once_it_is_known_what_the_tenant_counts_in(crowd: Crowd) -> None:
    crowd = Crowd(crowd.served, tenant=RIVAL)
    contact = await crowd.contact()
    await crowd.won(contact_id=contact, units=7, currency="EUR", base="56")
    await crowd.won(contact_id=contact, units=100)
    assert not (await crowd.as_("stranger").GetContactFact(id=contact)).HasField("won_amount")
    await crowd.tells(Tenant(id=str(RIVAL), default_time_zone="Europe/Berlin", base_currency="CNY"))
    await jobs_done(crowd.served)
    known = await crowd.as_("stranger").GetContactFact(id=contact)
    assert (known.won_amount.currency_code, known.won_amount.units, known.won_amount.base_amount) == ("CNY", 156, "156")


async def test_tenants_hear_of_their_own(crowd: Crowd) -> None:
    contact = await crowd.contact()
    assert (await refusal(crowd.as_("stranger").GetContactFact(id=contact))).code == "NOT_FOUND"


async def test_campaigns_of_who_leaves_go_to_the_successor(crowd: Crowd) -> None:
    campaign, contact = await crowd.campaign(), await crowd.contact()
    await crowd.as_("marketer").AddMembers(id=campaign.id, contact_ids=[contact])
    people = crowd.served.people
    user = User(id=str(people["marketer"].user_id), successor_id=str(people["colleague"].user_id))
    await crowd.served.hear(event_of(ACME, "identity.user.deactivated", UserEvent(after=user)))
    await jobs_done(crowd.served)
    colleague = crowd.as_("colleague")
    assert (await colleague.GetCampaign(id=campaign.id)).owner_id == user.successor_id
    assert len((await colleague.ListCampaignMembers()).campaign_members) == 1
