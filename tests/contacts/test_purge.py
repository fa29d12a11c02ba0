"""Customers who were put away go for good, with what was written about them."""

from collections.abc import AsyncIterator

import pytest

from chassis.database.worker import Pool, open_pool, transaction
from chassis.resource.purge import BATCH, INDEXED, Purge
from chassis.testing.serving import Served
from contacts.app import SERVICE
from contacts.contact.contact import CONTACTS
from tests.contacts.files import somebody, table
from tests.contacts.working import taken_in

PUT_AWAY = "update {} set delete_time = now() - interval '31 days', purge_time = now() - interval '1 day' where id = $1"
ABOUT = ("note", "task", "interaction")


@pytest.fixture
async def worker(office: Served) -> AsyncIterator[Pool]:
    pool = await open_pool(office.urls.worker, 2)
    yield pool
    await pool.close()


async def left(office: Served) -> dict[str, int]:
    tables = ("account", "contact", *ABOUT)
    return {one: await office.admin.fetchval(f"select count(*) from {one}") for one in tables}


async def dealt_with(office: Served) -> tuple[str, str]:
    rep = office.as_("rep")
    account = (await rep.CreateAccount(account={"display_name": "Acme"})).id
    contact = (await rep.CreateContact(contact={"display_name": "Bo", "account_id": account})).id
    about = {"account_id": account, "contact_id": contact}
    await rep.CreateNote(note={"body": "tall"} | about)
    await rep.CreateTask(task={"display_name": "call"} | about)
    await rep.LogInteraction(
        interaction={"kind": "CALL", "summary": "called", "interaction_time": {"seconds": 9}} | about
    )
    await rep.CreateNote(note={"body": "about the firm", "account_id": account})
    return account, contact


async def test_what_was_written_about_somebody_goes_with_them(office: Served, worker: Pool) -> None:
    _, contact = await dealt_with(office)
    await office.admin.execute(PUT_AWAY.format("contact"), contact)
    assert await Purge(SERVICE.nouns).sweep(worker) == 4
    assert await left(office) == {"account": 1, "contact": 0, "note": 1, "task": 0, "interaction": 0}
    nouns = {row[0] for row in await office.admin.fetch("select distinct aggregatetype from history")}
    assert nouns == {"contacts.account", "contacts.note"}


async def test_an_account_stays_while_somebody_works_there_and_what_is_about_it_alone_goes(
    office: Served, worker: Pool
) -> None:
    account, contact = await dealt_with(office)
    await office.admin.execute(PUT_AWAY.format("account"), account)
    assert await Purge(SERVICE.nouns).sweep(worker) == 1
    assert await left(office) == {"account": 1, "contact": 1, "note": 1, "task": 1, "interaction": 1}
    await office.admin.execute(PUT_AWAY.format("contact"), contact)
    await Purge(SERVICE.nouns).sweep(worker)
    assert set((await left(office)).values()) == {0}


async def test_a_tag_somebody_wears_stays(office: Served, worker: Pool) -> None:
    admin = office.as_("admin")
    tag = (await admin.CreateTag(tag={"display_name": "VIP"})).id
    contact = (await admin.CreateContact(contact={"display_name": "Bo", "tag_ids": [tag]})).id
    await office.admin.execute(PUT_AWAY.format("tag"), tag)
    assert await Purge(SERVICE.nouns).sweep(worker) == 0
    await office.admin.execute("update contact set tag_ids = '{}' where id = $1", contact)
    assert await Purge(SERVICE.nouns).sweep(worker) == 1


async def test_the_errors_of_an_import_go_with_it(office: Served, worker: Pool) -> None:
    job = await taken_in(office, table([somebody(1, email="x@@y.cn")]))
    assert await office.admin.fetchval("select count(*) from import_error") == 1
    await office.admin.execute(PUT_AWAY.format("import_job"), job.id)
    assert await Purge(SERVICE.nouns).sweep(worker) == 1
    assert await office.admin.fetchval("select count(*) from import_error") == 0


async def test_a_dry_run_keeps_no_rows(office: Served) -> None:
    await taken_in(office, table([somebody(1)]), dry_run=True)
    assert await office.admin.fetchval("select count(*) from import_row") == 0


async def test_no_sweep_reads_a_whole_table(office: Served, worker: Pool) -> None:
    await dealt_with(office)
    columns = [one.name for one in CONTACTS.table.c]
    made = ", ".join("gen_random_uuid()" if name == "id" else name for name in columns)
    await office.admin.execute(f"insert into contact select {made} from contact, generate_series(1, 20000)")
    await office.admin.execute("analyze")
    purge, plans = Purge(SERVICE.nouns), []
    async with transaction(worker) as connection:
        await connection.execute(INDEXED)
        for statement in [*purge._alone, *purge._candidates.values()]:
            rows = await connection.fetch(f"explain {statement.sql}", *statement.arguments({"batch": BATCH}))
            plans.append("\n".join(row[0] for row in rows))
    assert any("contact_purge" in plan for plan in plans)
    assert any("contact_with_tag_ids" in plan for plan in plans)
    assert not [plan for plan in plans if "Seq Scan on contact" in plan]
