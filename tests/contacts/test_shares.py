"""A shared account where it is pointed at, where it is asked through, and when somebody leaves (ID-12, ID-03)."""

from uuid import UUID

import pytest

from chassis.database.worker import open_pool
from chassis.resource.purge import Purge
from chassis.testing.later import event_of
from chassis.testing.serving import Served, refusal
from contacts.app import SERVICE
from kith.contacts.v1.account_pb2 import Account
from kith.identity.v1.user_pb2 import User, UserEvent
from tests.contacts.people import ACME, SOUTH
from tests.contacts.working import settle


@pytest.fixture
async def account(office: Served) -> Account:
    """The rep's."""
    made: Account = await office.as_("rep").CreateAccount(account={"display_name": "北方机器人"})
    return made


def id_of(office: Served, who: str) -> str:
    return str(office.people[who].user_id)


async def share(office: Served, account: Account, who: str = "colleague", level: str = "READ") -> None:
    await office.as_("rep").ShareAccount(id=account.id, user_id=id_of(office, who), level=level)


async def test_what_one_was_shown_can_be_pointed_at_and_asked_through(office: Served, account: Account) -> None:
    colleague = office.as_("colleague")
    task = {"display_name": "回访", "account_id": account.id}
    assert list((await refusal(colleague.CreateTask(task=task))).fields) == ["task.account_id"]
    through = 'account.display_name = "北方机器人"'
    await share(office, account)
    made = await colleague.CreateTask(task=task)
    assert [one.id for one in (await colleague.ListTasks(filter=through)).tasks] == [made.id]
    await office.as_("rep").UnshareAccount(id=account.id, user_id=id_of(office, "colleague"))
    assert not (await colleague.ListTasks(filter=through)).tasks


async def test_a_view_shown_to_everybody_is_changed_only_by_who_may_write_it(office: Served) -> None:
    rep, colleague = office.as_("rep"), office.as_("colleague")
    view = await rep.CreateSavedView(saved_view={"display_name": "v", "noun": "contacts.account", "shared": True})
    change = {"id": view.id, "display_name": "w"}
    assert (await colleague.GetSavedView(id=view.id)).id == view.id
    assert (await refusal(colleague.UpdateSavedView(saved_view=change))).code == "PERMISSION_DENIED"
    await rep.ShareSavedView(id=view.id, user_id=id_of(office, "colleague"), level="WRITE")
    assert (await colleague.UpdateSavedView(saved_view=change)).display_name == "w"


async def test_what_was_shared_with_a_leaver_is_shared_with_them_no_more(office: Served, account: Account) -> None:
    gone = await office.as_("rep").CreateAccount(account={"display_name": "旧客户"})
    for one in (account, gone):
        await share(office, one)
    await share(office, account, "manager")
    await office.as_("rep").DeleteAccount(id=gone.id)
    leaver, manager = id_of(office, "colleague"), id_of(office, "manager")
    event = UserEvent(verb="deactivated", after=User(id=leaver, successor_id=manager))
    await office.hear(event_of(ACME, "identity.user.deactivated", event))
    await settle(office)
    listed = (await office.as_("rep").ListAccountShares(id=account.id)).shares
    assert [one.user_id for one in listed] == [manager]
    assert await office.admin.fetchval("select count(*) from share") == 1
    newest = (await office.as_("rep").ListAccountRevisions(id=account.id)).revisions[0]
    assert (newest.verb, newest.share.user_id) == ("unshared", leaver)


async def test_shares_go_with_their_record(office: Served, account: Account) -> None:
    kept = await office.as_("rep").CreateAccount(account={"display_name": "留下"})
    for one in (account, kept):
        await share(office, one)
    await office.admin.execute(
        "update account set delete_time = now(), purge_time = now() - interval '1 day' where id = $1", UUID(account.id)
    )
    pool = await open_pool(office.urls.worker)
    try:
        assert await Purge(SERVICE.nouns).sweep(pool) == 1
    finally:
        await pool.close()
    assert [row["record_id"] for row in await office.admin.fetch("select record_id from share")] == [UUID(kept.id)]


async def test_a_team_of_another_tenant_is_nobody(office: Served, account: Account) -> None:
    refused = await refusal(office.as_("rep").ShareAccount(id=account.id, team_id=str(SOUTH), level="READ"))
    assert list(refused.fields) == ["team_id"]
