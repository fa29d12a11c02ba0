"""A file is understood: its encoding, its layout, its columns, its values (CO-09)."""

import pytest

from chassis.testing.serving import Refused, Served, refusal
from kith.contacts.v1.import_job_pb2 import ImportJob
from tests.contacts.files import HEADER, somebody, table
from tests.contacts.working import contacts, counts, settle, taken_in, uploaded

STATE = ImportJob.State.Name


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
