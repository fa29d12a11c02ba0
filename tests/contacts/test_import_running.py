"""An import as a job: tried, paused, killed, and with no more rights than whoever sent it (CO-09, R27)."""

import asyncio
import os
import sys
from typing import Any

import pytest

from chassis.access.caller import Reach, Right
from chassis.events.outbox import BULK
from chassis.testing.serving import Refused, Served, refusal
from kith.contacts.v1.import_job_pb2 import ImportJob
from tests.contacts.files import dirty, somebody, table
from tests.contacts.working import contacts, counts, errors, settle, taken_in, uploaded

STATE = ImportJob.State.Name


async def test_a_dry_run_says_what_would_be_and_then_it_is(office: Served) -> None:
    rep, (rows, good) = office.as_("rep"), dirty(30)
    rows += [rows[0], somebody(1, position="?")]
    job = await taken_in(office, table(rows), dry_run=True)
    assert counts(job) == (good, 0, 1, len(rows) - good - 1)
    assert not await contacts(office)
    assert not (await rep.ListAccounts()).accounts
    told = await errors(office, job)
    await rep.UpdateImportJob(import_job={"id": job.id}, update_mask={"paths": ["dry_run"]})
    await rep.StartImport(id=job.id)
    await settle(office)
    job = await rep.GetImportJob(id=job.id)
    assert counts(job) == (good, 0, 1, len(rows) - good - 1)
    assert (len(await contacts(office)), await errors(office, job)) == (good, told)


async def test_a_file_comes_in_pieces_each_once_and_in_order(office: Served) -> None:
    rep, content = office.as_("rep"), table([somebody(n) for n in range(40)])
    job = await uploaded(office, content[:1000])
    assert job.size_bytes == 1000
    refused = await refusal(rep.AppendImportContent(id=job.id, content=content[1500:], offset=1500))
    assert refused == Refused("FAILED_PRECONDITION", "OFFSET_MISMATCH")
    assert refused.facts["size_bytes"] == "1000"
    for _ in range(2):
        whole = await rep.AppendImportContent(id=job.id, content=content[1000:], offset=1000)
        assert whole.size_bytes == len(content)
    await rep.AnalyseImport(id=job.id)
    refused = await refusal(rep.AppendImportContent(id=job.id, content=b"x", offset=len(content)))
    assert refused == Refused("FAILED_PRECONDITION", "NOT_IN_STATE")
    await rep.StartImport(id=job.id)
    await settle(office)
    assert counts(await rep.GetImportJob(id=job.id)) == (40, 0, 0, 0)
    assert not await office.admin.fetchval("select count(*) from import_content")


async def test_a_run_is_paused_resumed_and_cancelled(office: Served) -> None:
    rep = office.as_("rep")
    job = await uploaded(office, table([somebody(n) for n in range(5)]))
    await rep.AnalyseImport(id=job.id)
    await rep.StartImport(id=job.id)
    assert (await rep.PauseImport(id=job.id)).state == ImportJob.PAUSED
    await settle(office)
    assert not await contacts(office)
    await rep.ResumeImport(id=job.id)
    await settle(office)
    assert counts(await rep.GetImportJob(id=job.id)) == (5, 0, 0, 0)
    for verb in ("StartImport", "PauseImport", "ResumeImport", "CancelImport", "AnalyseImport"):
        assert await refusal(getattr(rep, verb)(id=job.id)) == Refused("FAILED_PRECONDITION", "NOT_IN_STATE")
    other = await uploaded(office, table([somebody(9)]))
    await rep.AnalyseImport(id=other.id)
    await rep.StartImport(id=other.id)
    assert (await rep.CancelImport(id=other.id)).state == ImportJob.CANCELLED
    await settle(office)
    assert len(await contacts(office)) == 5


@pytest.mark.parametrize(
    ("rights", "refused"),
    [
        ({"contacts.import_job.*": Reach.OWN, "contacts.contact.*": Reach.OWN}, "contacts.account.read"),
        ({"contacts.import_job.*": Reach.OWN, "contacts.account.*": Reach.OWN}, "contacts.contact.import"),
    ],
)
async def test_a_file_does_nothing_that_its_sender_may_not_do(
    office: Served, rights: dict[str, Reach], refused: str
) -> None:
    office.people["rep"] = type(office.people["rep"])(
        office.people["rep"].tenant_id, office.people["rep"].user_id, rights
    )
    job = await uploaded(office, table([somebody(1)]))
    await office.as_("rep").AnalyseImport(id=job.id)
    told = await refusal(office.as_("rep").StartImport(id=job.id))
    assert (told.code, told.facts["permission"]) == ("PERMISSION_DENIED", refused)


async def test_fields_that_are_not_the_senders_to_set_are_refused(office: Served) -> None:
    job = await uploaded(office, table([somebody(1)]), "nameless")
    await office.as_("nameless").AnalyseImport(id=job.id)
    assert (await refusal(office.as_("nameless").StartImport(id=job.id))).code == "PERMISSION_DENIED"


async def test_a_run_whose_setter_lost_the_right_fails_and_says_so(office: Served) -> None:
    job = await uploaded(office, table([somebody(1)]))
    await office.as_("rep").AnalyseImport(id=job.id)
    await office.as_("rep").StartImport(id=job.id)
    rep = office.people["rep"]
    office.people["rep"] = type(rep)(rep.tenant_id, rep.user_id, {"contacts.*.read": Reach.OWN})
    await settle(office)
    failed = await office.as_("rep").GetImportJob(id=job.id)
    assert (STATE(failed.state), bool(failed.problem)) == ("FAILED", True)


async def test_a_mapping_is_held_to_the_file_and_the_noun(office: Served) -> None:
    rep = office.as_("rep")
    job = await uploaded(office, table([somebody(1)]))
    await rep.AnalyseImport(id=job.id)
    for wrong, field in (
        ({"mapping": [{"column": "电话", "field": "id"}]}, "import_job.mapping"),
        ({"mapping": [{"column": "电话", "field": "last_interaction_time"}]}, "import_job.mapping"),
        ({"key_fields": ["position"]}, "import_job.key_fields"),
        ({"encoding": "klingon"}, "import_job.encoding"),
    ):
        refused = await refusal(rep.UpdateImportJob(import_job={"id": job.id} | wrong))
        assert (refused.code, list(refused.fields)) == ("INVALID_ARGUMENT", [field])
    await rep.UpdateImportJob(import_job={"id": job.id, "mapping": [{"column": "职位", "field": "position"}]})
    assert await refusal(rep.StartImport(id=job.id)) == Refused("FAILED_PRECONDITION", "MAPPING_INCOMPLETE")
    noun = await refusal(rep.CreateImportJob(import_job={"noun": "sales.lead"}, content=b"a"))
    assert list(noun.fields) == ["import_job.noun"]


async def test_errors_come_in_pages_for_whoever_sees_the_job_and_hide_what_is_hidden(office: Served) -> None:
    job = await taken_in(office, table([somebody(n, phone="12") for n in range(5)]))
    rep, token = office.as_("rep"), ""
    seen: list[int] = []
    while True:
        page = await rep.ListImportErrors(id=job.id, page_size=2, page_token=token)
        seen, token = [*seen, *(one.line for one in page.errors)], page.next_page_token
        if not token:
            break
    assert seen == [2, 3, 4, 5, 6]
    assert (await refusal(office.as_("colleague").ListImportErrors(id=job.id))).code == "NOT_FOUND"
    rep_ = office.people["rep"]
    office.people["rep"] = type(rep_)(
        rep_.tenant_id, rep_.user_id, rep_.grants, rep_.team_ids, field_rights={"contacts.contact.phones": Right.NONE}
    )
    assert {(one.value, one.message) for one in await errors(office, job)} == {("", "")}


async def test_an_import_leaves_by_the_lane_and_the_topic_where_nobody_waits(office: Served) -> None:
    await taken_in(office, table([somebody(1)]))
    left = await office.admin.fetch(
        "select lane, topic, count(*) n from outbox where aggregatetype = 'contacts.contact' group by 1, 2"
    )
    assert [tuple(row) for row in left] == [(BULK, "kith.contacts.bulk.v1", 1)]


@pytest.mark.parametrize("point", ["import_before_commit", "import_after_commit", "job_after_claim"])
async def test_a_killed_import_goes_on_without_loss_or_double(office: Served, point: str) -> None:
    """R27: SIGKILL at a named point, again and again, until the file is in."""
    rows, good = dirty(2600)
    rep, job = office.as_("rep"), await uploaded(office, table(rows))
    await rep.AnalyseImport(id=job.id)
    await rep.StartImport(id=job.id)
    killed = 0
    async with asyncio.timeout(120):
        while await office.admin.fetchval("select count(*) from job where end_time is null"):
            chance = 0.35 if killed else 1.0
            crash = {"KITH_CRASH": f"{point}={chance}"} if killed < 4 else {}
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "tests.contacts.importer", office.urls.app, office.urls.worker),
                env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)} | crash,
            )
            try:
                killed += await process.wait() == -9
            finally:
                if process.returncode is None:
                    process.kill()
    ended: Any = await rep.GetImportJob(id=job.id)
    assert killed, "nobody was killed"
    assert (ended.progress.done, counts(ended)) == (2600, (good, 0, 0, 2600 - good))
    events = "select count(*) from history where aggregatetype = 'contacts.contact'"
    assert await office.admin.fetchval("select count(*) from contact") == good
    assert await office.admin.fetchval(events) == good
    lines = [row["line"] for row in await office.admin.fetch("select line, number from import_error order by 1, 2")]
    assert len(set(lines)) == 2600 - good
