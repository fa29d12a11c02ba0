"""A file from another CRM brings the times its records were made at, for whoever may move records (CO-09)."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from chassis.access.caller import Caller, Reach
from chassis.errors import InvalidArgument
from chassis.testing.serving import Refused, Served, refusal
from contacts.import_job.cells import moment
from tests.contacts.files import table
from tests.contacts.people import ACME
from tests.contacts.working import contacts, counts, errors, taken_in, uploaded

CHENGDU = ZoneInfo("Asia/Shanghai")


@pytest.fixture
def mover(office: Served) -> str:
    admin = office.people["admin"]
    office.people["admin"] = Caller(ACME, admin.user_id, admin.grants, time_zone=CHENGDU)
    return "admin"


@pytest.mark.parametrize("header", ["创建时间", "录入日期", "Created At", "Created Date"])
async def test_the_column_is_recognised_in_both_languages_for_who_may_move(
    office: Served, mover: str, header: str
) -> None:
    content = table([["Bo", "bo@example.com", "2019-03-01 08:00"]], ["Name", "Email", header])
    found = {}
    for user in (mover, "rep"):
        analysed = await office.as_(user).AnalyseImport(id=(await uploaded(office, content, user)).id)
        found[user] = analysed.mapping[2].field
    assert found[mover] == "create_time"
    assert found["rep"].startswith("custom_fields.")


async def test_times_are_read_in_the_importers_zone_and_wrong_ones_refuse_their_row(office: Served, mover: str) -> None:
    rows = [
        ["Bo", "bo@example.com", "2019-03-01 08:00"],
        ["Cy", "cy@example.com", "2018/2/30"],
        ["Di", "di@example.com", "2999-01-01"],
        ["Ed", "ed@example.com", "1969-12-31"],
        ["Fi", "fi@example.com", ""],
        ["Al", "al@example.com", "2017年5月6日"],
    ]
    job = await taken_in(office, table(rows, ["Name", "Email", "创建时间"]), mover)
    assert counts(job) == (3, 0, 0, 3)
    assert [(one.line, one.column, one.reason) for one in await errors(office, job, mover)] == [
        (3, "创建时间", "NO_SUCH_DAY"),
        (4, "创建时间", "INVALID_ARGUMENT"),
        (5, "创建时间", "INVALID_ARGUMENT"),
    ]
    al, bo, fi = await contacts(office, mover)
    assert [one.display_name for one in (al, bo, fi)] == ["Al", "Bo", "Fi"]
    assert al.create_time.ToDatetime(UTC) == datetime(2017, 5, 5, 16, tzinfo=UTC)
    assert bo.create_time.ToDatetime(UTC) == datetime(2019, 3, 1, 0, tzinfo=UTC)
    assert al.id < bo.id < fi.id
    elsewhen = [["Bo", "bo@example.com", "2018-01-01"]]
    again = await taken_in(office, table(elsewhen, ["Name", "Email", "创建时间"]), mover)
    assert counts(again) == (0, 0, 1, 0), "a record that is there keeps the time it has"


async def test_who_may_not_move_cannot_map_it_either(office: Served) -> None:
    job = await uploaded(office, table([["Bo", "bo@example.com", "2019-03-01"]], ["Name", "Email", "When"]))
    await office.as_("rep").AnalyseImport(id=job.id)
    mapping = [
        {"column": "Name", "field": "display_name"},
        {"column": "Email", "field": "emails"},
        {"column": "When", "field": "create_time"},
    ]
    await office.as_("rep").UpdateImportJob(import_job={"id": job.id, "mapping": mapping})
    refused = await refusal(office.as_("rep").StartImport(id=job.id))
    assert refused == Refused("PERMISSION_DENIED", "PERMISSION_DENIED")


SAID = [
    ("2024-02-29 14:30", datetime(2024, 2, 29, 14, 30, tzinfo=CHENGDU)),
    ("2024/2/29 2:30:15 PM", datetime(2024, 2, 29, 14, 30, 15, tzinfo=CHENGDU)),
    ("29.2.2024 12:05 am", datetime(2024, 2, 29, 0, 5, tzinfo=CHENGDU)),
    ("2024-02-29T14:30:00.123Z", datetime(2024, 2, 29, 14, 30, tzinfo=UTC)),
    ("2024-02-29T14:30:00+0200", datetime(2024, 2, 29, 12, 30, tzinfo=UTC)),
    ("2024年2月29日 8:00", datetime(2024, 2, 29, 8, tzinfo=CHENGDU)),
    ("45351.5", datetime(2024, 2, 29, 12, tzinfo=CHENGDU)),
    ("20240229", datetime(2024, 2, 29, tzinfo=CHENGDU)),
    ("无", None),
]


@pytest.mark.parametrize(("cell", "meant"), SAID)
def test_a_cell_is_the_moment_that_is_meant(cell: str, meant: datetime | None) -> None:
    assert moment(cell, CHENGDU) == meant


@pytest.mark.parametrize("cell", ["2024-02-29 25:00", "2024-02-29 12:60", "2023-02-29 12:00", "soon", "3/4/2024 8:00"])
def test_a_cell_that_is_no_moment_is_refused(cell: str) -> None:
    with pytest.raises(InvalidArgument):
        moment(cell, CHENGDU)


async def test_a_rep_reaching_her_own_only_does_not_date_back(office: Served) -> None:
    assert office.people["rep"].reach("contacts.contact.migrate") is Reach.OWN
    made = await office.as_("rep").CreateContact(contact={"display_name": "x", "create_time": {"seconds": 1}})
    assert made.create_time.seconds > 1
