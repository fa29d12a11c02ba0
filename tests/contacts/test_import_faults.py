"""A row that breaks something of ours stays alone, and an import that nobody will try again says so (CO-09, R27)."""

from collections.abc import Callable
from typing import Any

import pytest

from chassis.access.caller import Caller, Right
from chassis.jobs.runner import FAILURES
from chassis.resource import bulk
from chassis.testing.serving import Refused, Served, refusal
from contacts.import_job import cells, run, take_in
from kith.contacts.v1.import_job_pb2 import ImportJob
from tests.contacts.files import somebody, table
from tests.contacts.working import contacts, counts, errors, settle, taken_in, uploaded

STATE = ImportJob.State.Name


def poisoned(real: Callable[..., Any]) -> Callable[..., Any]:
    def read(cell: str) -> Any:
        if "poison" in cell:
            raise ZeroDivisionError(cell)
        return real(cell)

    return read


def with_poison(*numbers: int, rows: int = 20) -> bytes:
    return table([somebody(n, **({"email": f"poison{n}@example.com"} if n in numbers else {})) for n in range(rows)])


@pytest.mark.parametrize("dry_run", [False, True])
async def test_rows_that_break_something_are_set_aside_alone(
    office: Served, monkeypatch: pytest.MonkeyPatch, dry_run: bool
) -> None:
    monkeypatch.setattr(cells, "emails", poisoned(cells.emails))
    monkeypatch.setattr(run, "ROWS_AT_ONCE", 7)
    job = await taken_in(office, with_poison(0, 8, 19), dry_run=dry_run)
    assert (STATE(job.state), counts(job)) == ("COMPLETED_WITH_ERRORS", (17, 0, 0, 3))
    found = await errors(office, job)
    assert [(one.line, one.reason) for one in found] == [(2, "INTERNAL"), (10, "INTERNAL"), (21, "INTERNAL")]
    assert "ZeroDivision" not in str(found)
    assert len(await contacts(office)) == (0 if dry_run else 17)


async def test_a_row_that_breaks_the_write_is_set_aside_too(office: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    async def insert_many(resource: Any, call: Any, made: Any, verb: str = "created") -> None:
        await bulk.insert_many(resource, call, made, verb)
        assert all("poison" not in str(one) for one in made)

    monkeypatch.setattr(take_in, "insert_many", insert_many)
    job = await taken_in(office, with_poison(5))
    assert counts(job) == (19, 0, 0, 1)
    assert [one.line for one in await errors(office, job)] == [7]
    assert len(await contacts(office)) == 19


async def test_an_import_of_which_too_much_breaks_fails(office: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cells, "emails", poisoned(cells.emails))
    monkeypatch.setattr(run, "MOST_FAULTS", 3)
    job = await taken_in(office, with_poison(*range(10)))
    assert (STATE(job.state), counts(job)) == ("FAILED", (0, 0, 0, 3))
    assert job.problem == "more than 3 rows broke something on our side"


async def test_an_import_that_nobody_will_try_again_says_so(office: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> Any:
        raise ZeroDivisionError("secret")

    monkeypatch.setattr(run, "copied", broken)
    rep, job = office.as_("rep"), await uploaded(office, table([somebody(1)]))
    await rep.AnalyseImport(id=job.id)
    await rep.StartImport(id=job.id)
    await office.admin.execute("update job set failures = $1", FAILURES - 1)
    await settle(office)
    failed = await rep.GetImportJob(id=job.id)
    assert STATE(failed.state) == "FAILED"
    assert failed.progress.HasField("end_time")
    assert failed.problem.startswith("something broke on our side (job ")
    assert "secret" not in failed.problem
    assert not await office.admin.fetchval("select count(*) from import_content")


@pytest.mark.parametrize("right", [Right.NONE, Right.MASKED])
async def test_a_column_of_account_names_needs_the_right_to_read_them(office: Served, right: Right) -> None:
    rep = office.people["rep"]
    blind = Caller(
        rep.tenant_id, rep.user_id, rep.grants, rep.team_ids, field_rights={"contacts.account.display_name": right}
    )
    started, refused = [await uploaded(office, table([somebody(n)])) for n in range(2)]
    for job in (started, refused):
        await office.as_("rep").AnalyseImport(id=job.id)
    await office.as_("rep").StartImport(id=started.id)
    office.people["rep"] = blind
    told = await refusal(office.as_("rep").StartImport(id=refused.id))
    assert (told, told.facts["permission"]) == (
        Refused("PERMISSION_DENIED", "PERMISSION_DENIED"),
        "contacts.account.read",
    )
    await settle(office)
    failed = await office.as_("rep").GetImportJob(id=started.id)
    assert (STATE(failed.state), "account names" in failed.problem) == ("FAILED", True)
