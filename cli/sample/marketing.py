"""The sample's three segments, and campaigns in every state with the people they address."""

import asyncio
from collections.abc import Iterator, Sequence

from cli.home import Trouble
from cli.sample.book import Book, day
from cli.sample.chance import chance
from cli.sample.door import ADMIN, Door, revision
from cli.sample.organisation import Worker
from cli.sample.records import Noun, Record, Tell, step

SEGMENTS, CAMPAIGNS = Noun("Segments", "Segment", "segment"), Noun("Campaigns", "Campaign", "campaign")
LOOKS, LOOK_SECONDS = 240, 0.5
WON, TALKING, DECIDING = "segment of the won", "segment of those in talks", "segment of those who decide"
SEGMENT_NAMES = (
    (WON, "今年成交客户 Customers won this year", "last_won_time = this_year"),
    (TALKING, "在谈客户 In talks", "open_opportunity_count > 0 AND won_opportunity_count = 0"),
    (
        DECIDING,
        "制造业决策人 Deciders in manufacturing",
        'industry = "智能制造" AND (position = "总经理" OR position = "CTO")',
    ),
)
CAMPAIGN_NAMES = (  # name, type, first and last day, and what was done; whom it addresses is a segment or some contacts
    ("年终答谢 Year-end thanks", "EMAIL", 10, 30, (), WON),
    ("新品发布会 Product launch", "EVENT", -10, 20, ("LaunchCampaign",), DECIDING),
    ("老客户升级 Upgrade offer", "EMAIL", -20, 40, ("LaunchCampaign", "PauseCampaign"), ""),
    ("春季展会邀请 Spring fair", "DIRECT_MAIL", -90, -30, ("LaunchCampaign", "CompleteCampaign"), ""),
    ("短信促销 SMS offer", "SMS", -60, -40, ("CancelCampaign",), ""),
)
ADDRESSED = 60
COME = ("SENT", "ENGAGED", "RESPONDED", "CONVERTED", "OPTED_OUT")


def segments(marketer: Worker) -> Iterator[Record]:
    for key, name, filter in SEGMENT_NAMES:
        yield Record(key, marketer.email, SEGMENTS, {"display_name": name, "filter": filter})


def campaigns(marketer: Worker, books: Sequence[Book], segment_ids: dict[str, str]) -> Iterator[Record]:
    """Those that address a segment do so last: a large one goes on by itself."""
    random = chance("campaigns")
    everybody = [contact.id for book in books for contact in book.contacts]
    for name, kind, first, last, verbs, segment in CAMPAIGN_NAMES:
        campaign = {
            "display_name": name,
            "objective": "提高复购与知名度",
            "type": kind,
            "budget": {"currency_code": "CNY", "units": random.randint(2, 40) * 5_000},
            "start_date": day(first),
            "end_date": day(last),
        }
        people = step("AddMembers", contact_ids=random.sample(everybody, min(ADDRESSED, len(everybody))))
        done = [step(verb) for verb in verbs]
        steps = [*done, step("AddMembers", segment_id=segment_ids[segment])] if segment else [people, *done]
        yield Record(f"campaign {name}", marketer.email, CAMPAIGNS, campaign, steps)


async def answers(door: Door, marketer: Worker, campaign_ids: Sequence[str], tell: Tell) -> None:
    """How far some of the addressed came, of those that nobody has moved."""
    for campaign_id in campaign_ids:
        members = await door.listed(ADMIN, "CampaignMembers.ListCampaignMembers", f'campaign_id = "{campaign_id}"')
        for member in members[: ADDRESSED // 2]:
            state = chance(f"{member.contact_id}").choice(COME)
            if revision(member) == 1:
                await door.ask(
                    marketer.email,
                    "CampaignMembers.SetMemberState",
                    once=f"answer of {member.id}",
                    id=member.id,
                    state=state,
                )
            tell(1)


async def known(door: Door, contacts: int) -> None:
    """Wait until marketing has heard of everybody. Raises Trouble when that takes too long."""
    for _ in range(LOOKS):
        page = await door.ask(ADMIN, "ContactFacts.ListContactFacts", page_size=1, with_total=True, exact_total=True)
        if page.total_size >= contacts:
            return
        await asyncio.sleep(LOOK_SECONDS)
    raise Trouble("Marketing does not hear of the customers; see `kith logs marketing`.")
