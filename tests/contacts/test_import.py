"""Files of customers: every row created, updated or refused with a reason, and a second run changes nothing (CO-09)."""

import asyncio
import os
import sys
from typing import Any

import pytest

from chassis.access.caller import Reach, Right
from chassis.testing.serving import Refused, Served, refusal
from kith.contacts.v1.contact_pb2 import Contact
from kith.contacts.v1.import_job_pb2 import ImportJob
from tests.contacts.files import HEADER, dirty, somebody, table
from tests.contacts.working import counts, errors, settle, taken_in, uploaded

STATE = ImportJob.State.Name


async def contacts(office: Served, user: str = "rep") -> list[Contact]:
    return list((await office.as_(user).ListContacts(page_size=200, order_by="create_time, id")).contacts)


@pytest.mark.parametrize(
    ("encoding", "certainty"),
    [("utf-8", "CERTAIN"), ("utf-8-sig", "CERTAIN"), ("utf-16", "CERTAIN"), ("gb18030", "LIKELY"), ("big5", "LIKELY")],
)
async def test_a_file_is_read_whatever_its_encoding(office: Served, encoding: str, certainty: str) -> None:
    rows, header = [somebody(n, name="曾国") for n in range(4)], HEADER
    if encoding == "big5":
        rows = [[f"王小{c}", "高雄公司", f"{n}@example.com", "工程"] for n, c in enumerate("明華國民中正")]
        header = ["姓名", "公司", "email", "備註"]
    job = await taken_in(office, table(rows, header, encoding))
    assert (STATE(job.state), ImportJob.Certainty.Name(job.encoding_certainty)) == ("COMPLETED", certainty)
    assert sorted(one.display_name for one in await contacts(office)) == sorted(row[0] for row in rows)


async def test_gb18030_keeps_rare_characters_and_no_private_ones(office: Served) -> None:
    rows = [somebody(n, name=name) for n, name in enumerate(["䶮山", "㛃河", "𬭛海", "王\u1e3f"])]
    content = table(rows, encoding="gb18030").replace("\u1e3f".encode("gb18030"), b"\xa8\xbc")
    job = await taken_in(office, content)
    assert (job.encoding, counts(job)) == ("gb18030", (4, 0, 0, 0))
    assert {one.display_name for one in await contacts(office)} == {"䶮山", "㛃河", "𬭛海", "王\u1e3f"}


@pytest.mark.parametrize(
    ("content", "proposed"),
    [("name\n张\n".encode("gb18030"), "gb18030"), ("name\nﾃｽﾄ\n".encode("cp932"), "shift_jis")],
)
async def test_a_few_letters_are_no_proof_so_the_encoding_has_to_be_said(
    office: Served, content: bytes, proposed: str
) -> None:
    rep, job = office.as_("rep"), await uploaded(office, content)
    analysed = await rep.AnalyseImport(id=job.id)
    assert (analysed.encoding, analysed.encoding_certainty) == (proposed, ImportJob.UNSURE)
    assert await refusal(rep.StartImport(id=job.id)) == Refused("FAILED_PRECONDITION", "ENCODING_UNSURE")
    said = await rep.UpdateImportJob(import_job={"id": job.id, "encoding": proposed})
    assert said.encoding_certainty == ImportJob.SAID
    await rep.StartImport(id=job.id)
    await settle(office)
    assert counts(await rep.GetImportJob(id=job.id)) == (1, 0, 0, 0)


async def test_plain_ascii_and_shift_jis_are_not_called_gb18030(office: Served) -> None:
    rep = office.as_("rep")
    ascii_ = await rep.AnalyseImport(id=(await uploaded(office, b"name,email\nBo,bo@example.com\n")).id)
    assert (ascii_.encoding, ascii_.encoding_certainty) == ("utf-8", ImportJob.CERTAIN)
    japanese = "氏名,会社\nたなか,トヨタ自動車\nさとう,パナソニック\n".encode("cp932")
    assert (await rep.AnalyseImport(id=(await uploaded(office, japanese)).id)).encoding == "shift_jis"


@pytest.mark.parametrize(
    "content", [b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(range(256)), b"  \n ", b"%\x01\x02\x03\x04"]
)
async def test_what_is_no_table_is_refused(office: Served, content: bytes) -> None:
    job = await uploaded(office, content)
    refused = await refusal(office.as_("rep").AnalyseImport(id=job.id))
    assert refused == Refused("FAILED_PRECONDITION", "NOT_TABULAR")


async def test_delimiter_quote_and_a_missing_header_are_found(office: Served) -> None:
    content = b"'Bo; the first';bo@example.com;+49 30 123456\r\nAnn;ann@example.com;\r\n"
    rep, job = office.as_("rep"), await uploaded(office, content)
    analysed = await rep.AnalyseImport(id=job.id)
    assert (analysed.delimiter, analysed.quote, analysed.header) == (";", "'", ImportJob.ABSENT)
    assert list(analysed.columns) == ["1", "2", "3"]
    mapping = [{"column": "1", "field": "display_name"}, {"column": "2", "field": "emails"}]
    changed = {"id": job.id, "mapping": mapping, "key_fields": ["emails"]}
    await rep.UpdateImportJob(import_job=changed)
    await rep.StartImport(id=job.id)
    await settle(office)
    assert sorted(one.display_name for one in await contacts(office)) == ["Ann", "Bo; the first"]


async def test_columns_are_proposed_by_name_in_both_languages_and_none_is_lost(office: Served) -> None:
    rep = office.as_("rep")
    header = ["Full Name", "E-mail", "Mobile phone", "Company", "Shoe size", "First met"]
    row = ["Bo", "bo@example.com", "+8613800138000", "Acme", "43", "2024-02-29"]
    found = await rep.AnalyseImport(id=(await uploaded(office, table([row], header))).id)
    assert [(one.field, ImportJob.Kind.Name(one.kind)) for one in found.mapping] == [
        ("display_name", "KIND_UNSPECIFIED"),
        ("emails", "KIND_UNSPECIFIED"),
        ("phones", "KIND_UNSPECIFIED"),
        ("account", "KIND_UNSPECIFIED"),
        ("custom_fields.Shoe_size", "NUMBER"),
        ("custom_fields.First_met", "DATE"),
    ]
    assert list(found.key_fields) == ["emails", "phones", "display_name"]


async def test_every_value_takes_its_one_form(office: Served) -> None:
    row = ["  欧阳 锋 ", "长江 工业", "１３８00138000、010-12345678转801", "a@EXAMPLE.com；b@example.com"]
    job = await taken_in(office, table([[*row, "上海市上海市浦东新区世纪大道1号", "总监", "45123"]]))
    assert (STATE(job.state), counts(job)) == ("COMPLETED", (1, 0, 0, 0))
    (one,) = await contacts(office)
    assert (one.display_name, one.family_name, one.given_name) == ("欧阳锋", "欧阳", "锋")
    assert [(p.number, p.extension, p.primary) for p in one.phones] == [
        ("+8613800138000", "", True),
        ("+861012345678", "801", False),
    ]
    assert [e.address for e in one.emails] == ["a@example.com", "b@example.com"]
    address = one.address
    assert (address.administrative_area, address.locality, address.sublocality) == ("上海市", "上海市", "浦东新区")
    assert address.address_line == "世纪大道1号"
    assert one.custom_fields["首访日期"] == "2023-07-16"
    account = await office.as_("rep").GetAccount(id=one.account_id)
    assert (account.display_name, account.source) == ("长江 工业", "import")


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


async def test_an_import_leaves_by_the_lane_where_nobody_waits(office: Served) -> None:
    await taken_in(office, table([somebody(1)]))
    lanes = await office.admin.fetch(
        "select lane, count(*) n from outbox where aggregatetype = 'contacts.contact' group by 1"
    )
    assert [(row["lane"], row["n"]) for row in lanes] == [(1, 1)]


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
            crash = {"KITH_CRASH": f"{point}=0.35"} if killed < 4 else {}
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
