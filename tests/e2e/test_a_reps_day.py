"""A rep in Chengdu works a full day: calls, leads, conversions, a file of cards; who else sees it (E2E, S01, S03)."""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.e2e import cards
from tests.e2e.people import Hired, another_tenant, browser, hire
from tests.e2e.suite import Suite, ok, until

SECONDS = 120.0


@dataclass(frozen=True)
class Office:
    """The west has two teams; the rep and her peer are in one, the manager is above both."""

    admin: httpx.Client
    rep: Hired
    peer: Hired
    manager: Hired


@pytest.fixture(scope="module")
def office(suite: Suite) -> Iterator[Office]:
    with suite.client() as admin:
        west = ok(admin.post("/v1/teams", json={"displayName": "西部大区"}))["id"]
        chengdu = ok(admin.post("/v1/teams", json={"displayName": "成都团队", "parentId": west}))["id"]
        yield Office(
            admin,
            hire(admin, "wang.jing", "Sales rep", chengdu),
            hire(admin, "li.qiang", "Sales rep", chengdu),
            hire(admin, "ouyang.min", "Sales manager", west),
        )


def test_a_full_day(suite: Suite, office: Office) -> None:
    marked = f"k{secrets.token_hex(3)}"
    with browser(suite, office.rep) as rep:
        assert ok(rep.get("/v1/session"))["principal"]["userId"] == office.rep.id

        job = cards.take_in(rep, cards.cards(marked), SECONDS)
        assert (job["state"], job["progress"]["created"], job["progress"]["rejected"]) == (
            "COMPLETED_WITH_ERRORS",
            str(cards.GOOD),
            str(cards.ROWS - cards.GOOD),
        )
        errors = ok(rep.get(f"/v1/importJobs/{job['id']}/errors"))["errors"]
        assert {int(one["line"]): (one["column"], one["reason"]) for one in errors} == cards.REASONS
        contacts = _contacts(rep)
        assert len(contacts) == cards.GOOD
        assert {one["ownerId"] for one in contacts} == {office.rep.id}
        assert all(one["phones"][0]["number"].startswith("+86138") for one in contacts)

        for at in range(20):
            _call(rep, contacts[at]["id"], at)
        called = ok(rep.get("/v1/interactions", params={"filter": "kind = CALL", "withTotal": True}))
        assert called["totalSize"] == 20
        assert ok(rep.get(f"/v1/contacts/{contacts[0]['id']}"))["lastInteractionTime"]

        leads = [_lead(rep, marked, at) for at in range(5)]
        assert {one["ownerId"] for one in leads} == {office.rep.id}
        converted = [_convert(rep, one) for one in leads[:2]]
        assert all(one["state"] == "CONVERTED" and one["opportunityId"] for one in converted)

        home = ok(rep.get("/v1/home"))
        assert not home["missing"]
        assert {one["id"] for one in home["leads"]} == {one["id"] for one in leads[2:]}
        assert sum(int(row["count"]) for row in home["pipeline"]) == 2
        found = ok(rep.get("/v1/search", params={"query": leads[4]["displayName"]}))
        assert leads[4]["id"] in {one["id"] for group in found["results"] for one in group["records"]}

        def told() -> bool:
            timeline = ok(rep.get(f"/v1/contacts/{converted[0]['contactId']}/overview"))["timeline"]
            return any("lead.converted" in one["source"] for one in timeline)

        until(told, SECONDS)
    theirs = {
        "contacts": contacts[0]["id"],
        "leads": leads[4]["id"],
        "opportunities": converted[0]["opportunityId"],
        "accounts": converted[0]["accountId"],
    }
    _manager_sees(suite, office, theirs)
    _nobody_else_sees(suite, office, theirs)


def test_a_second_file_of_the_same_cards_changes_nothing(suite: Suite, office: Office) -> None:
    content = cards.cards(f"k{secrets.token_hex(3)}")
    with browser(suite, office.peer) as peer:
        first, second = (cards.take_in(peer, content, SECONDS)["progress"] for _ in range(2))
    assert first["created"] == str(cards.GOOD)
    assert (second["created"], second["updated"], second["unchanged"]) == ("0", "0", str(cards.GOOD))


def test_signing_in_takes_the_right_password(suite: Suite, office: Office) -> None:
    wrong = {"email": office.rep.email, "password": "not hers at all"}
    with httpx.Client(base_url=suite.demo["url"], timeout=30, trust_env=False) as client:
        refused = client.post("/v1/session", json=wrong)
        assert refused.status_code == 401
        assert refused.json()["reason"] == "SIGN_IN_REFUSED", refused.text
        assert client.get("/v1/leads").status_code == 401


def _manager_sees(suite: Suite, office: Office, theirs: dict[str, str]) -> None:
    with browser(suite, office.manager) as manager:
        for noun, id in theirs.items():
            assert ok(manager.get(f"/v1/{noun}/{id}"))["ownerId"] == office.rep.id
        filter = f'owner_id = "{office.rep.id}"'
        assert ok(manager.get("/v1/contacts", params={"filter": filter, "withTotal": True}))["totalSize"] >= cards.GOOD


def _nobody_else_sees(suite: Suite, office: Office, theirs: dict[str, str]) -> None:
    with browser(suite, office.peer) as peer, suite.client(another_tenant(suite)) as stranger:
        for client in (peer, stranger):
            for noun, id in theirs.items():
                absent = client.get(f"/v1/{noun}/01890000-0000-7000-8000-000000000000").json()
                for refused in (client.get(f"/v1/{noun}/{id}"), client.delete(f"/v1/{noun}/{id}")):
                    assert (refused.status_code, refused.json()["reason"]) == (404, absent["reason"]), refused.text
                found = ok(client.get(f"/v1/{noun}:batchGet", params={"ids": [id]}))
                assert found[noun] == []


def _contacts(client: httpx.Client) -> list[dict[str, Any]]:
    """All of them, page by page."""
    found: list[dict[str, Any]] = []
    token = ""
    while True:
        page = ok(client.get("/v1/contacts", params={"pageSize": 200, "pageToken": token, "orderBy": "create_time"}))
        found += page["contacts"]
        token = page["nextPageToken"]
        if not token:
            return found


def _call(client: httpx.Client, contact_id: str, at: int) -> None:
    when = datetime.now(UTC) - timedelta(minutes=20 * (20 - at))
    interaction = {
        "kind": "CALL",
        "direction": "OUTBOUND",
        "interactionTime": when.isoformat(),
        "summary": "电话回访",
        "contactId": contact_id,
        "duration": "240s",
    }
    logged = ok(client.post("/v1/interactions:log", json=interaction))
    assert logged["accountId"]  # where the contact works


def _lead(client: httpx.Client, marked: str, at: int) -> dict[str, Any]:
    lead = {
        "displayName": f"曾国{'一二三四五'[at]}{marked}",
        "company": f"重庆{marked}{at}机械有限公司",
        "phones": [{"number": f"139 0000 12{at:02}"}],
        "source": "展会",
    }
    return ok(client.post("/v1/leads", json=lead))


def _convert(client: httpx.Client, lead: dict[str, Any]) -> dict[str, Any]:
    for verb in ("work", "qualify"):
        ok(client.post(f"/v1/leads/{lead['id']}:{verb}"))
    amount = {"currencyCode": "CNY", "units": "88000"}
    return ok(client.post(f"/v1/leads/{lead['id']}:convert", json={"amount": amount}))
