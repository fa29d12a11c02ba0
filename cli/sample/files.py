"""The customers of each rep as tables, taken in by imports that the rep began."""

import asyncio
import csv
from collections.abc import Iterable, Mapping, Sequence
from io import StringIO
from typing import Any

from cli.home import Trouble
from cli.sample import customers
from cli.sample.chance import chance
from cli.sample.customers import Company
from cli.sample.door import ADMIN, Door, revision
from cli.sample.organisation import Rep

COMPANIES_OF_A_REP = 35
SYSTEM = "demo"  # whose ids the external ids are
WAIT_SECONDS, LOOK_SECONDS = 120.0, 0.3
ACCOUNTS = {
    "编号": "external_ids", "公司名称": "display_name", "统一社会信用代码": "registration_number", "行业": "industry",
    "类型": "type", "员工人数": "employee_count", "年营业额": "annual_revenue", "区域": "region", "电话": "phones",
    "邮箱": "emails", "地址": "billing_address", "网站": "website", "来源": "source",
}  # fmt: skip
CONTACTS = {
    "编号": "external_ids", "姓名": "display_name", "公司": "account", "职务": "position", "手机": "phones",
    "邮箱": "emails", "地址": "address", "生日": "birthday", "来源": "source", "语言": "language",
}  # fmt: skip
_ENDED = ("COMPLETED", "COMPLETED_WITH_ERRORS", "FAILED", "CANCELLED")


def portfolios(reps: Sequence[Rep]) -> dict[str, list[Company]]:
    """The companies of each rep, by the rep's key."""
    taken: set[str] = set()
    found = {}
    for rep in reps:
        random = chance(f"customers of {rep.worker.key}")
        found[rep.worker.key] = list(customers.companies(random, rep.city, COMPANIES_OF_A_REP, taken))
    return found


async def bring(door: Door, rep: Rep, companies: Sequence[Company]) -> int:
    """Accounts first, since contacts name them; how many rows. Raises Trouble if one did not go in."""
    rows = list(_account_rows(rep, companies))
    people = list(_contact_rows(rep, companies))
    await _take_in(door, rep, "contacts.account", ACCOUNTS, rows)
    await _take_in(door, rep, "contacts.contact", CONTACTS, people)
    return len(rows) + len(people)


def _account_rows(rep: Rep, companies: Iterable[Company]) -> Iterable[Sequence[object]]:
    for at, one in enumerate(companies):
        yield (
            f"{rep.worker.key}.{at}", one.name, one.registration_number, one.industry, one.kind, one.employees,
            one.revenue, rep.region.name, one.phone, f"info@{one.domain}", one.address, f"https://www.{one.domain}",
            one.source,
        )  # fmt: skip


def _contact_rows(rep: Rep, companies: Iterable[Company]) -> Iterable[Sequence[object]]:
    for at, company in enumerate(companies):
        language = "en" if company.abroad else "zh-CN"
        for place, one in enumerate(company.people):
            yield (
                f"{rep.worker.key}.{at}.{place}", one.name, company.name, one.position, one.phone,
                f"{one.mailbox}@{company.domain}", company.address, one.birthday, company.source, language,
            )  # fmt: skip


async def _take_in(
    door: Door, rep: Rep, noun: str, columns: Mapping[str, str], rows: Iterable[Sequence[object]]
) -> None:
    key = f"import of {noun} by {rep.worker.key}"
    there = await door.there(ADMIN, "ImportJobs.BatchGetImportJobs", [key])
    job = there.get(key) or await _upload(door, rep, key, noun, columns, rows)
    for done, rpc in enumerate(("AnalyseImport", "StartImport"), start=1):
        if revision(job) <= done and _state(job) not in _ENDED:
            job = await door.ask(rep.email, f"ImportJobs.{rpc}", once=f"{rpc} {key}", id=job.id)
    async with asyncio.timeout(WAIT_SECONDS):
        while _state(job) not in _ENDED:
            await asyncio.sleep(LOOK_SECONDS)
            job = await door.ask(rep.email, "ImportJobs.GetImportJob", id=job.id)
    if _state(job) != "COMPLETED":
        raise Trouble(f"The {key} ended as {_state(job)}: {job.problem or 'see its errors'}.")


async def _upload(
    door: Door, rep: Rep, key: str, noun: str, columns: Mapping[str, str], rows: Iterable[Sequence[object]]
) -> Any:
    job = {
        "noun": noun,
        "file_name": f"{noun.partition('.')[2]}s of {rep.worker.name}.csv",
        "mapping": [{"column": column, "field": field} for column, field in columns.items()],
        "mode": "UPSERT",
        "key_fields": ["external_ids"],
        "external_system": SYSTEM,
    }
    content = _csv([tuple(columns), *rows])
    return await door.ask(
        rep.email, "ImportJobs.CreateImportJob", once=key, id=door.id_of(key), import_job=job, content=content
    )


def _csv(rows: Iterable[Sequence[object]]) -> bytes:
    text = StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode("utf-8-sig")


def _state(job: Any) -> str:
    name: str = job.State.Name(job.state)
    return name
