"""Rows of a file: each created, updated or refused with a reason, and a second run changes nothing (CO-09)."""

import pytest

from chassis.testing.serving import Served
from kith.contacts.v1.import_job_pb2 import ImportJob
from tests.contacts.files import dirty, somebody, table
from tests.contacts.working import contacts, counts, errors, taken_in

STATE = ImportJob.State.Name


BAD = [
    ({"email": "x@@y.cn"}, "邮箱", "BAD_EMAIL"),
    ({"email": "nobody"}, "邮箱", "BAD_EMAIL"),
    ({"phone": "12"}, "电话", "BAD_PHONE"),
    ({"day": "2023-02-30"}, "首访日期", "NO_SUCH_DAY"),
    ({"day": "3/4/2024"}, "首访日期", "BAD_VALUE"),
    ({"day": "someday"}, "首访日期", "BAD_VALUE"),
    ({"name": "x" * 201}, "姓名", "INVALID_ARGUMENT"),
    ({"name": "", "email": "a@example.com"}, "姓名", "INVALID_ARGUMENT"),
    ({"company": "x" * 201}, "公司", "INVALID_ARGUMENT"),
    ({"name": "a\ufffdb"}, "姓名", "UNREADABLE_TEXT"),
    ({"name": "a\ue000b"}, "姓名", "UNREADABLE_TEXT"),
    ({"day": "2024-02-29,extra"}, "", "TOO_MANY_CELLS"),
    ({"name": "", "email": "", "phone": ""}, "", "MISSING_KEY"),
]


@pytest.mark.parametrize(("instead", "column", "reason"), BAD)
async def test_a_bad_row_is_refused_by_line_column_and_reason(
    office: Served, instead: dict[str, str], column: str, reason: str
) -> None:
    days = [somebody(n) for n in range(9)]
    content = table([*days[:4], somebody(77, **instead), *days[4:]])
    if "extra" in instead.get("day", ""):
        content = content.replace(b'"2024-02-29,extra"', b"2024-02-29,extra")
    job = await taken_in(office, content)
    assert (STATE(job.state), counts(job)) == ("COMPLETED_WITH_ERRORS", (9, 0, 0, 1))
    (error,) = await errors(office, job)
    assert (error.line, error.column, error.reason, error.left_out) == (6, column, reason, False)
    assert error.message
    assert error.value == (next(iter(instead.values()))[:200] if reason in ("BAD_EMAIL", "BAD_PHONE") else error.value)


async def test_bad_values_can_be_left_out_and_are_told(office: Served) -> None:
    job = await taken_in(
        office, table([somebody(1, email="x@@y.cn", day="2023-02-30"), somebody(2)]), skip_bad_values=True
    )
    assert (STATE(job.state), counts(job)) == ("COMPLETED", (2, 0, 0, 0))
    assert [(one.line, one.reason, one.left_out) for one in await errors(office, job)] == [
        (2, "BAD_EMAIL", True),
        (2, "NO_SUCH_DAY", True),
    ]
    assert not (await contacts(office))[0].emails


async def test_lines_are_those_of_the_file_where_cells_hold_line_breaks(office: Served) -> None:
    rows = [
        somebody(1, address="一行\n二行\r\n三行"),
        somebody(2, email="x@@y"),
        ["", "", "", "", "", "", ""],
        somebody(3),
    ]
    job = await taken_in(office, table(rows))
    assert [one.line for one in await errors(office, job)] == [5]
    assert (counts(job), job.progress.total) == ((2, 0, 0, 1), 3)


async def test_a_second_run_changes_nothing(office: Served) -> None:
    rows, good = dirty(60)
    rows += [rows[0], somebody(1, position="总裁"), somebody(200, email="", phone="13900000002", position="?")]
    rows += [somebody(300, email="", phone="")]
    first = await taken_in(office, table(rows))
    assert counts(first) == (good + 1, 0, 1, len(rows) - good - 2)
    before = await office.admin.fetch(
        "select id, revision from contact union all select id, revision from account order by 1"
    )
    second = await taken_in(office, table(rows))
    assert counts(second) == (0, 0, good + 2, len(rows) - good - 2)
    again = await office.admin.fetch(
        "select id, revision from contact union all select id, revision from account order by 1"
    )
    assert before == again
    assert await errors(office, first) == await errors(office, second)
    reasons = [one.reason for one in await errors(office, first) if one.line > 61]
    assert reasons == ["DUPLICATE_ROW", "DUPLICATE_ROW"]


async def test_a_row_changes_what_it_says_and_nothing_else(office: Served) -> None:
    rep = office.as_("rep")
    known = await rep.CreateContact(
        contact={
            "display_name": "张伟",
            "family_name": "张伟",
            "emails": [{"address": "Boss@example.com"}],
            "phones": [{"number": "010-12345678"}],
            "birthday": {"year": 1986, "month": 5, "day": 4},
            "custom_fields": {"tier": "gold"},
        }
    )
    job = await taken_in(office, table([["张伟", "", "13800138000", "Boss@example.com", "", "总裁", "2024/2/29"]]))
    now = await rep.GetContact(id=known.id)
    assert [p.number for p in now.phones] == ["+861012345678", "+8613800138000"]
    assert counts(job) == (0, 1, 0, 0)
    assert (now.position, now.birthday, now.family_name) == ("总裁", known.birthday, "张伟")
    assert dict(now.custom_fields) == {"tier": "gold", "首访日期": "2024-02-29"}


@pytest.mark.parametrize(
    ("mode", "result", "reasons"),
    [
        ("CREATE", (1, 0, 0, 1), ["ALREADY_EXISTS"]),
        ("UPDATE", (0, 1, 0, 1), ["NOT_FOUND"]),
        ("UPSERT", (1, 1, 0, 0), []),
    ],
)
async def test_what_a_row_may_do(office: Served, mode: str, result: tuple[int, ...], reasons: list[str]) -> None:
    await taken_in(office, table([somebody(1)]))
    job = await taken_in(office, table([somebody(1, position="总裁"), somebody(2)]), mode=mode)
    assert counts(job) == result
    assert [one.reason for one in await errors(office, job)] == reasons


async def test_accounts_hang_together_by_name_whatever_the_order(office: Served) -> None:
    header = ["company", "sector", "revenue", "employees", "parent company"]
    rows = [
        ["Sub", "it", "1,234.50", "12", "Top"],
        ["Top", "it", "¥120万元", "3,000", ""],
        ["Top GmbH", "", "", "x", ""],
    ]
    for expected in ((1, 1, 0, 1), (0, 0, 2, 1)):
        job = await taken_in(office, table(rows, header), noun="contacts.account", currency_code="EUR")
        assert counts(job) == expected
        assert [(one.column, one.reason) for one in await errors(office, job)] == [("employees", "BAD_VALUE")]
    accounts = {one.display_name: one for one in (await office.as_("rep").ListAccounts()).accounts}
    assert set(accounts) == {"Sub", "Top"}
    assert accounts["Sub"].parent_id == accounts["Top"].id
    revenue = {name: (one.annual_revenue.units, one.annual_revenue.currency_code) for name, one in accounts.items()}
    assert revenue == {"Sub": (1234, "EUR"), "Top": (1_200_000, "CNY")}


async def test_a_circle_in_the_file_is_refused_and_the_rest_goes_in(office: Served) -> None:
    rows = [["A", "B"], ["B", "A"], ["C", ""]]
    job = await taken_in(office, table(rows, ["account", "parent"]), noun="contacts.account")
    assert (job.progress.done, job.progress.rejected) == (3, 1)
    assert [(one.line, one.reason) for one in await errors(office, job)] == [(3, "PARENT_CYCLE")]


async def test_a_value_somebody_else_holds_refuses_its_row_alone(office: Served) -> None:
    header = ["名称", "统一社会信用代码", "编号"]
    await office.as_("colleague").CreateAccount(
        account={"display_name": "x", "registration_number": "913100006072290001"}
    )
    rows = [[f"公司{n}", "", str(n)] for n in range(5)]
    rows.insert(2, ["抢注", "913100006072290001", "99"])
    job = await taken_in(office, table(rows, header), noun="contacts.account", external_system="erp")
    assert counts(job) == (5, 0, 0, 1)
    assert [(one.line, one.column, one.reason) for one in await errors(office, job)] == [
        (4, "统一社会信用代码", "ALREADY_EXISTS")
    ]
    found = (await office.as_("rep").ListAccounts()).accounts
    assert sorted(one.external_ids[0].id for one in found) == ["0", "1", "2", "3", "4"]
    assert counts(await taken_in(office, table(rows, header), noun="contacts.account", external_system="erp"))[:3] == (
        0,
        0,
        5,
    )
