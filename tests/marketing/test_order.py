"""R19, small: whatever order events come in, and however often, facts and segments end as they would in order."""

import asyncio
import uuid
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chassis.access.caller import Caller, Reach
from chassis.testing.later import jobs_done
from kith.contacts.v1.account_pb2 import Account
from kith.contacts.v1.contact_pb2 import Contact
from kith.identity.v1.tenant_pb2 import Tenant
from kith.sales.v1.opportunity_pb2 import Opportunity
from kith.service_desk.v1.case_pb2 import Case
from tests.marketing.crowd import Crowd, new

NOW = datetime.now(UTC)
TAG = "01920000-0000-7000-8000-00000000000a"
FILTERS = [
    "last_won_time = this_year",
    "won_opportunity_count > 1 OR open_opportunity_count >= 1",
    'industry = "Robotics" AND NOT region = "EU"',
    "NOT account_id:*",
    "won_amount >= 100",
    'display_name:"a"',
    f'tag_ids:"{TAG}"',
    "open_case_count = 0 AND position:*",
    "NOT last_case_resolved_time < now-30d",
]
PLACES = 3  # accounts and contacts to choose from
some_place = st.integers(0, PLACES)  # the last is nobody's
MOMENTS = [NOW - timedelta(days=800), NOW - timedelta(days=40), NOW - timedelta(minutes=1)]
VERSIONS: dict[type[Any], dict[str, st.SearchStrategy[Any]]] = {
    Account: {"industry": st.sampled_from(["Robotics", ""]), "region": st.sampled_from(["EU", "CN"])},
    Contact: {
        "display_name": st.sampled_from(["Anna", "Ben", "张伟"]),
        "account_id": some_place,
        "position": st.sampled_from(["CTO", ""]),
        "tag_ids": st.sampled_from([[], [TAG]]),
    },
    Opportunity: {
        "account_id": some_place,
        "contact_id": some_place,
        "state": st.sampled_from(["OPEN", "WON", "LOST"]),
        "amount": st.none()
        | st.builds(
            lambda coin, units: (
                {"currency_code": coin[0], "units": units} | ({"base_amount": str(units * coin[1])} if coin[1] else {})
            ),
            st.sampled_from([("CNY", 1), ("EUR", 8), ("USD", 0)]),  # what one of it is worth; of dollars nobody knows
            st.sampled_from([60, 100]),
        ),
        "closed_time": st.sampled_from(MOMENTS),
    },
    Case: {
        "account_id": some_place,
        "contact_id": some_place,
        "state": st.sampled_from(["NEW", "RESOLVED"]),
        "resolved_time": st.sampled_from([None, *MOMENTS]),
    },
}
NUMBERS = {Account: PLACES, Contact: PLACES, Opportunity: 4, Case: 3}
Told = tuple[type[Any], int, int, dict[str, Any]]  # of which kind, which one, its how manyeth event, what it says


@st.composite
def histories(draw: st.DrawFn) -> list[list[Told]]:
    """Events in the order they come, some twice, in handfuls that come at once."""
    told: list[Told] = []
    for kind, number in NUMBERS.items():
        for which in range(number):
            for sequence in range(1, draw(st.integers(1, 3)) + 1):
                said = draw(st.fixed_dictionaries({**VERSIONS[kind], "deleted": st.sampled_from([False, False, True])}))
                told.append((kind, which, sequence, said))
    coming = draw(st.permutations(told + draw(st.lists(st.sampled_from(told), max_size=4))))
    return [coming[at : at + 4] for at in range(0, len(coming), 4)]


class Story:
    """One tenant of its own, in which a history is told."""

    def __init__(self, crowd: Crowd) -> None:
        tenant = uuid.uuid4()
        self.crowd, self.token = Crowd(crowd.served, tenant), f"admin of {tenant}"
        crowd.served.people[self.token] = Caller(tenant, uuid.uuid4(), {"marketing.*": Reach.TENANT})
        self.ids = {kind: [new() for _ in range(number)] for kind, number in NUMBERS.items()}

    async def segments(self) -> dict[str, str]:
        """By id, their filters."""
        made = {}
        for filter in FILTERS:
            segment = {"display_name": filter, "filter": filter}
            made[(await self.crowd.as_(self.token).CreateSegment(segment=segment)).id] = filter
        return made

    async def hear(self, told: Iterable[Told]) -> None:
        await asyncio.gather(*(self.crowd.tells(self.record(one), sequence=one[2], at=NOW) for one in told))

    def record(self, told: Told) -> Any:
        kind, which, _, said = told
        record = kind(id=self.ids[kind][which])
        for name, value in said.items():
            if name == "deleted":
                record.delete_time.FromDatetime(NOW) if value else None
            elif name in ("account_id", "contact_id"):
                there = self.ids[Account if name == "account_id" else Contact]
                setattr(record, name, there[value] if value < PLACES else "")
            elif isinstance(value, datetime):
                getattr(record, name).FromDatetime(value)
            elif value is not None:
                record.MergeFrom(kind(**{name: value}))
        return record

    async def listed(self, filter: str = "") -> dict[str, Any]:
        facts = (await self.crowd.as_(self.token).ListContactFacts(filter=filter)).contact_facts
        return {fact.id: fact for fact in facts}

    async def standing(self, segment: str) -> set[str]:
        asked = f'segment_id = "{segment}" AND NOT left_time:*'
        listed = await self.crowd.as_(self.token).ListSegmentMemberships(filter=asked, page_size=200)
        contacts = [one.contact_id for one in listed.segment_memberships]
        assert len(contacts) == len(set(contacts)), "nobody is in it twice"
        return set(contacts)


def ought(newest: dict[tuple[type[Any], str], Any]) -> dict[str, tuple[Any, ...]]:
    """What facts ought to say, reckoned one by one."""
    living = [one for one in newest.values() if not one.HasField("delete_time")]
    facts = {}
    for contact in (one for one in living if isinstance(one, Contact)):
        account = next((one for one in living if isinstance(one, Account) and one.id == contact.account_id), Account())
        deals = [one for one in living if isinstance(one, Opportunity) and _about(one, contact)]
        won = [one for one in deals if one.state == Opportunity.WON]
        cases = [one for one in living if isinstance(one, Case) and _asked_by(one, contact)]
        times = [one.closed_time.ToDatetime(UTC) for one in won]
        resolved = [one.resolved_time.ToDatetime(UTC) for one in cases if one.HasField("resolved_time")]
        facts[contact.id] = (
            contact.display_name,
            account.industry,
            len(won),
            max(times, default=None),
            sum(int(one.amount.base_amount or 0) for one in won),
            sum(one.state == Opportunity.OPEN for one in deals),
            sum(one.state == Case.NEW for one in cases),
            max(resolved, default=None),
        )
    return facts


def _about(deal: Any, contact: Any) -> bool:
    return bool(deal.contact_id == contact.id or (deal.account_id and deal.account_id == contact.account_id))


def _asked_by(case: Any, contact: Any) -> bool:
    of_account = not case.contact_id and case.account_id != "" and case.account_id == contact.account_id
    return bool(case.contact_id == contact.id or of_account)


def says(fact: Any) -> tuple[Any, ...]:
    def moment(name: str) -> datetime | None:
        return getattr(fact, name).ToDatetime(UTC) if fact.HasField(name) else None

    return (
        fact.display_name,
        fact.industry,
        fact.won_opportunity_count,
        moment("last_won_time"),
        fact.won_amount.units,
        fact.open_opportunity_count,
        fact.open_case_count,
        moment("last_case_resolved_time"),
    )


async def tell(crowd: Crowd, history: list[list[Told]]) -> None:
    story = Story(crowd)
    await story.crowd.tells(Tenant(id=str(story.crowd.tenant), default_time_zone="Asia/Shanghai", base_currency="CNY"))
    half = len(history) // 2
    for handful in history[:half]:
        await story.hear(handful)
    segments = await story.segments()
    for handful in history[half:]:
        await story.hear(handful)
    newest = {}
    for one in sorted((one for handful in history for one in handful), key=lambda one: one[2]):
        newest[one[0], story.ids[one[0]][one[1]]] = story.record(one)
    facts = await story.listed()
    assert {id: says(fact) for id, fact in facts.items()} == ought(newest)
    for id, filter in segments.items():
        assert await story.standing(id) == set(await story.listed(filter)), filter


async def test_facts_and_segments_do_not_depend_on_order(crowd: Crowd) -> None:
    loop = asyncio.get_running_loop()

    @given(histories())
    @settings(max_examples=25, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    def check(history: list[list[Told]]) -> None:
        asyncio.run_coroutine_threadsafe(tell(crowd, history), loop).result(60)

    await asyncio.to_thread(check)
    before = await crowd.served.admin.fetchval("select count(*) from segment_membership")
    await crowd.served.admin.execute(
        "update job set end_time = null, failure = '', attempts = 0 where kind = 'recompute_members'"
    )
    await jobs_done(crowd.served, timedelta(days=2))
    after = await crowd.served.admin.fetchval("select count(*) from segment_membership")
    assert before == after, "a full compare finds nothing to mend"
