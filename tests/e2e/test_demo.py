"""`kith demo` on a small scale: states reached, everybody's records their own, a second run changes nothing (29)."""

import json
import stat
from typing import Any

import pytest

from cli import demo
from cli.sample import dealings, files, organisation, selling, serving
from cli.sample.places import REGIONS
from tests.e2e.people import Hired, browser
from tests.e2e.suite import Suite, ok, until

NOUNS = (
    "users", "teams", "accounts", "contacts", "leads", "opportunities", "cases", "tasks", "notes", "tags", "savedViews",
    "segments", "campaigns", "campaignMembers",
)  # fmt: skip
SECONDS = 120.0


@pytest.fixture
def small(suite: Suite, monkeypatch: pytest.MonkeyPatch) -> Suite:
    """One region, a rep in each of its cities."""
    monkeypatch.setenv("KITH_HOME", str(suite.home))
    monkeypatch.setattr(organisation, "REGIONS", REGIONS[2:])
    monkeypatch.setattr(organisation, "REPS_IN_A_CITY", 1)
    for module, sizes in {
        files: {"COMPANIES_OF_A_REP": 4},
        selling: {"LEADS_OF_A_REP": 10, "OPPORTUNITIES_OF_A_REP": 8},
        serving: {"CASES_OF_A_BOOK": 5},
        dealings: {"INTERACTIONS_OF_A_REP": 4, "TASKS_OF_A_REP": 4, "NOTES_OF_A_REP": 2},
    }.items():
        for name, size in sizes.items():
            monkeypatch.setattr(module, name, size)
    return suite


def test_the_sample_is_made_once(small: Suite, capsys: pytest.CaptureFixture[str]) -> None:
    with small.client() as admin:
        before = _counts(admin)
        demo.fill(small.demo)
        _quiet(admin)
        first = _counts(admin)
        assert all(first[noun] > before[noun] for noun in NOUNS), (before, first)
        told = capsys.readouterr().out
        demo.fill(small.demo)
        assert _counts(admin) == first
        states = {one["state"] for one in ok(admin.get("/v1/leads", params={"pageSize": 200}))["leads"]}
        assert {"WORKING", "CONVERTED"} <= states
        names = {one["displayName"]: one for one in ok(admin.get("/v1/segments"))["segments"]}
        assert names["今年成交客户 Customers won this year"]["filter"] == "last_won_time = this_year"
    kept = small.home / demo.USERS_FILE
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    passwords: dict[str, str] = json.loads(kept.read_text())
    email = next(one for one in passwords if one in told)
    assert passwords[email] in told
    with browser(small, Hired("", email, passwords[email])) as rep:
        owners = {one["ownerId"] for one in ok(rep.get("/v1/accounts", params={"pageSize": 200}))["accounts"]}
        assert owners == {ok(rep.get("/v1/session"))["principal"]["userId"]}


def _counts(admin: Any) -> dict[str, int]:
    asked = {"pageSize": 1, "withTotal": True, "exactTotal": True}
    return {noun: ok(admin.get(f"/v1/{noun}", params=asked)).get("totalSize", 0) for noun in NOUNS}


def _quiet(admin: Any) -> None:
    """Until every won deal of the sample has its case: those are opened by events, in their own time."""

    def all_there() -> bool:
        won = ok(admin.get("/v1/opportunities", params={"filter": "state = WON", "pageSize": 200}))["opportunities"]
        cases = ok(admin.get("/v1/cases", params={"filter": "type = ONBOARDING", "pageSize": 200}))["cases"]
        return {one["id"] for one in won} <= {one["opportunityId"] for one in cases}

    until(all_there, SECONDS)
