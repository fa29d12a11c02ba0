"""Whatever comes in, contacts never answers INTERNAL (S08)."""

from chassis.testing.bad_input import never_internal
from chassis.testing.serving import Served
from tests.contacts.files import somebody, table
from tests.contacts.working import uploaded


async def test_nothing_anybody_sends_is_internal(office: Served) -> None:
    admin = office.as_("admin")
    account = await admin.CreateAccount(account={"display_name": "here"})
    contact = await admin.CreateContact(contact={"display_name": "x", "account_id": account.id})
    task = await admin.CreateTask(task={"display_name": "x"})
    tag = await admin.CreateTag(tag={"display_name": "x"})
    view = await admin.CreateSavedView(saved_view={"display_name": "x", "noun": "contacts.account"})
    job = await uploaded(office, table([somebody(1)]), "admin")
    await admin.AnalyseImport(id=job.id)
    ids = [one.id for one in (account, contact, task, tag, view, job)]
    await never_internal(office, "admin", ids, examples=600)
