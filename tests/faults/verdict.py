"""The ledger against what the suite says of itself, through its public doors only: services, read models, topics."""

import asyncio
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

import httpx

from tests.e2e.suite import ok, until
from tests.faults import told
from tests.faults.ledger import Ledger
from tests.faults.logs import HEARS, Said, topics_of
from tests.faults.rig import Rig

SETTLED_SECONDS = 240.0  # until all events have been heard; a busy machine takes its time
SPEAKERS = "sales", "contacts", "service_desk"


Say = Callable[[Sequence[Said], Mapping[str, int]], told.Found | None]


def judge(rig: Rig, ledger: Ledger, run: str, all_said: Say = told.in_order) -> str:
    """What was found, in a line. Raises AssertionError for what was acknowledged and is missing, or is there twice."""
    with rig.suite.client() as client:
        leads = every(client, "leads", f'source = "{run}"')
        _only_meant(ledger, "lead", leads, lambda name: name.removeprefix(f"{run} "))
        contacts = every(client, "contacts", f'display_name:"{run}"')
        direct = [one for one in contacts if one["displayName"].startswith("direct ")]
        _only_meant(ledger, "contact", direct, lambda name: name.removeprefix(f"direct {run} "))

        opportunities = every(client, "opportunities", f'source = "{run}"')
        of_lead = Counter(one["leadId"] for one in opportunities)
        assert set(of_lead.values()) <= {1}, "a lead became two opportunities"
        done = {step.id for step in ledger.steps("convert") if step.answer == "ok"}
        assert done <= of_lead.keys(), f"converted, but there is no opportunity: {done - of_lead.keys()}"
        people = Counter(one["displayName"] for one in contacts)
        assert set(people.values()) <= {1}, f"twice there: {people.most_common(3)}"
        converted = {one["id"]: one for one in leads if one["state"] == "CONVERTED"}
        assert done <= converted.keys()
        assert {one["contactId"] for one in converted.values()} <= {one["id"] for one in contacts}

        won = {one["id"]: one for one in opportunities if one["state"] == "WON"}
        missing = {step.id for step in ledger.steps("win") if step.answer == "ok"} - won.keys()
        assert not missing, f"won, and not so any more: {missing}"
        until(lambda: _heard(client, won), SETTLED_SECONDS, every=0.3)
        _once(client, won)
        _no_longer_than(ledger, won, opportunities, leads)
        found = until(lambda: _told(rig, client, run, won.keys(), all_said), SETTLED_SECONDS, every=0.5)
    until(lambda: not asyncio.run(rig.log.behind([*HEARS], topics_of())), SETTLED_SECONDS, every=0.5)  # no reader hangs
    steps = f"{ledger.count('ok')} of {len(ledger.steps())} steps acknowledged, {len(won)} won"
    return (
        f"{steps}, {found.records} records in {found.events} events ({found.again} more came again): 0 lost, 0 doubled"
    )


def _told(rig: Rig, client: httpx.Client, run: str, won: Collection[str], all_said: Say) -> told.Found | None:
    """Every change of this run's records, on the topics; sagas may go on meanwhile."""
    records = [*every(client, "leads", f'source = "{run}"'), *every(client, "opportunities", f'source = "{run}"')]
    records += every(client, "contacts", f'display_name:"{run}"')
    records += [one for one in _cases(client) if one["opportunityId"] in won]
    revisions = {one["id"]: told.revision_of(one) for one in records}
    return all_said(asyncio.run(rig.log.said(topics_of(SPEAKERS), revisions.keys())), revisions)


def every(client: httpx.Client, plural: str, filter: str) -> list[dict[str, Any]]:
    """All pages."""
    found: list[dict[str, Any]] = []
    token = ""
    while True:
        asked: dict[str, str | int] = {"filter": filter, "pageSize": 200, "pageToken": token}
        page = ok(client.get(f"/v1/{plural}", params=asked))
        found += page[plural]
        token = page["nextPageToken"]
        if not token:
            return found


def _only_meant(ledger: Ledger, what: str, found: list[dict[str, Any]], number_of: Any) -> None:
    there = Counter(int(number_of(one["displayName"])) for one in found)
    assert set(there.values()) <= {1}, f"a {what} is there twice: {there.most_common(3)}"
    meant = {step.customer for step in ledger.steps(what)}
    assert there.keys() <= meant, f"nobody meant {there.keys() - meant}"
    ids = {one["id"] for one in found}
    missing = [step for step in ledger.steps(what) if step.answer == "ok" and step.id not in ids]
    assert not missing, f"acknowledged and lost: {missing}"


def _heard(client: httpx.Client, won: dict[str, Any]) -> bool:
    cases = {one["opportunityId"] for one in _cases(client)}
    told = {one["sourceRecord"] for one in _purchases(client)}
    facts = {one["contactId"] for one in every(client, "contactFacts", "won_opportunity_count > 0")}
    return (
        won.keys() <= cases
        and {f"opportunities/{id}" for id in won} <= told
        and {one["contactId"] for one in won.values()} <= facts
    )


def _once(client: httpx.Client, won: dict[str, Any]) -> None:
    """By event exactly one case, one entry of the timeline, and one win counted."""
    cases = Counter(one["opportunityId"] for one in _cases(client))
    assert {cases[id] for id in won} <= {1}, cases.most_common(3)
    told = Counter(one["sourceRecord"] for one in _purchases(client))
    assert {told[f"opportunities/{id}"] for id in won} <= {1}, told.most_common(3)
    facts = {one["contactId"]: one for one in every(client, "contactFacts", "won_opportunity_count > 0")}
    for one in won.values():
        fact = facts[one["contactId"]]
        assert (fact["wonOpportunityCount"], fact["wonAmount"]["units"]) == (1, "1000"), fact


def _cases(client: httpx.Client) -> list[dict[str, Any]]:
    return every(client, "cases", 'type = "ONBOARDING"')


def _purchases(client: httpx.Client) -> list[dict[str, Any]]:
    return every(client, "interactions", 'kind = "PURCHASE"')


def _no_longer_than(ledger: Ledger, won: dict[str, Any], opportunities: list[Any], leads: list[Any]) -> None:
    """Nothing went further than somebody meant it to."""
    number = {one["id"]: int(one["displayName"].rpartition(" ")[2]) for one in leads}
    lead_of = {one["id"]: one["leadId"] for one in opportunities}
    meant = {step.customer for step in ledger.steps("win")}
    assert {number[lead_of[id]] for id in won} <= meant
