"""Accounts and contacts: what holds of them, whoever writes them (CO-01, CO-02)."""

from typing import Any

import pytest

from chassis.testing.serving import Refused, Served, refusal
from kith.contacts.v1.account_pb2 import Account
from kith.contacts.v1.contact_pb2 import Contact
from tests.contacts.working import settle

USCI = "913100006072290001"  # made for this test: the check character follows from the others


async def account(office: Served, name: str = "长江工业", user: str = "rep", **fields: Any) -> Account:
    made: Account = await office.as_(user).CreateAccount(account={"display_name": name} | fields)
    return made


async def contact(office: Served, **fields: Any) -> Contact:
    made: Contact = await office.as_("rep").CreateContact(contact={"display_name": "张伟"} | fields)
    return made


@pytest.mark.parametrize(
    ("parts", "whole"),
    [
        ({"family_name": "张", "given_name": "伟"}, "张伟"),
        ({"family_name": "欧阳", "given_name": "锋"}, "欧阳锋"),
        ({"family_name": "阿不都", "given_name": "古丽"}, "古丽·阿不都"),
        ({"family_name": "Zhang", "given_name": "Wei"}, "Wei Zhang"),
        ({"given_name": "Cher"}, "Cher"),
    ],
)
async def test_the_whole_name_is_made_in_the_order_of_its_script(
    office: Served, parts: dict[str, str], whole: str
) -> None:
    assert (await office.as_("rep").CreateContact(contact=parts)).display_name == whole


async def test_the_whole_name_follows_its_parts_until_somebody_says_it(office: Served) -> None:
    rep = office.as_("rep")
    made = await rep.CreateContact(contact={"family_name": "张", "given_name": "伟"})
    renamed = await rep.UpdateContact(contact={"id": made.id, "family_name": "章"})
    assert renamed.display_name == "章伟"
    said = await rep.UpdateContact(contact={"id": made.id, "display_name": "章总"})
    assert (said.display_name, said.family_name) == ("章总", "章")
    assert (await rep.UpdateContact(contact={"id": made.id, "given_name": "威"})).display_name == "章总"


async def test_somebody_without_any_name_is_nobody(office: Served) -> None:
    refused = await refusal(office.as_("rep").CreateContact(contact={"position": "经理"}))
    assert (refused.code, list(refused.fields)) == ("INVALID_ARGUMENT", ["contact.display_name"])


@pytest.mark.parametrize("ways", ["emails", "phones"])
async def test_of_several_ways_one_is_primary(office: Served, ways: str) -> None:
    values = {"emails": ["a@example.com", "b@example.com"], "phones": ["13800138000", "13900139000"]}[ways]
    key = {"emails": "address", "phones": "number"}[ways]
    both = [{key: value} for value in values]
    made = await contact(office, **{ways: both})
    assert [one.primary for one in getattr(made, ways)] == [True, False]
    second = await contact(office, **{ways: [both[0], both[1] | {"primary": True}]})
    assert [one.primary for one in getattr(second, ways)] == [False, True]
    two = [one | {"primary": True} for one in both]
    refused = await refusal(office.as_("rep").CreateContact(contact={"display_name": "x", ways: two}))
    assert list(refused.fields) == [f"contact.{ways}[1].primary"]


async def test_the_account_of_a_contact_is_that_of_the_primary_affiliation(office: Served) -> None:
    rep, first, second = office.as_("rep"), await account(office, "甲"), await account(office, "乙")
    made = await contact(office, account_id=first.id)
    assert [(one.account_id, one.primary) for one in made.affiliations] == [(first.id, True)]
    both = [{"account_id": first.id}, {"account_id": second.id, "primary": True, "title": "顾问"}]
    moved = await rep.UpdateContact(contact={"id": made.id, "affiliations": both})
    assert (moved.account_id, list(moved.affiliated_account_ids)) == (second.id, [first.id, second.id])
    back = await rep.UpdateContact(contact={"id": made.id, "account_id": first.id})
    assert [one.primary for one in back.affiliations] == [True, False]
    mask = {"paths": ["account_id"]}
    alone = await rep.UpdateContact(contact={"id": made.id}, update_mask=mask)
    assert (alone.account_id, [one.primary for one in alone.affiliations]) == ("", [False, False])
    found = await rep.ListContacts(filter=f'affiliated_account_ids:"{second.id}"')
    assert [one.id for one in found.contacts] == [made.id]


async def test_an_affiliation_needs_an_account_that_is_there(office: Served) -> None:
    gone, foreign = await account(office), await account(office, user="stranger")
    await office.as_("rep").DeleteAccount(id=gone.id)
    for id in (gone.id, foreign.id):
        given = {"display_name": "x", "affiliations": [{"account_id": id}]}
        refused = await refusal(office.as_("rep").CreateContact(contact=given))
        assert (refused.code, list(refused.fields)) == ("INVALID_ARGUMENT", ["contact.affiliated_account_ids"])
        made = await contact(office)
        patch = {"id": made.id, "affiliations": [{"account_id": id}]}
        assert (await refusal(office.as_("rep").UpdateContact(contact=patch))).code == "INVALID_ARGUMENT"


async def test_an_account_is_never_part_of_itself(office: Served) -> None:
    rep = office.as_("rep")
    top = await account(office, "集团")
    middle = await account(office, "公司", parent_id=top.id)
    below = await account(office, "分公司", parent_id=middle.id)
    for id, parent in ((top.id, below.id), (top.id, top.id), (middle.id, below.id)):
        refused = await refusal(rep.UpdateAccount(account={"id": id, "parent_id": parent}))
        assert refused == Refused("FAILED_PRECONDITION", "PARENT_CYCLE")
    assert (await rep.UpdateAccount(account={"id": below.id, "parent_id": top.id})).parent_id == top.id
    cleared = await rep.UpdateAccount(account={"id": middle.id}, update_mask={"paths": ["parentId"]})
    assert not cleared.parent_id


async def test_a_cycle_through_somebody_elses_account_is_seen(office: Served) -> None:
    top = await account(office, "集团", user="admin")
    theirs = await account(office, "公司", user="admin", parent_id=top.id)
    await office.admin.execute(
        "update account set owner_id = $1 where id = $2", office.people["rep"].user_id, theirs.id
    )
    mine = await account(office, "分公司", user="rep", parent_id=theirs.id)
    await office.admin.execute("update account set owner_id = $1 where id = $2", office.people["rep"].user_id, top.id)
    await office.admin.execute(
        "update account set owner_id = $1 where id = $2", office.people["colleague"].user_id, theirs.id
    )
    refused = await refusal(office.as_("rep").UpdateAccount(account={"id": top.id, "parent_id": mine.id}))
    assert refused == Refused("FAILED_PRECONDITION", "PARENT_CYCLE")


async def test_accounts_are_at_most_ten_deep(office: Served) -> None:
    rep, chain = office.as_("rep"), [await account(office, "1")]
    for depth in range(2, 11):
        chain.append(await account(office, str(depth), parent_id=chain[-1].id))
    refused = await refusal(rep.CreateAccount(account={"display_name": "11", "parent_id": chain[-1].id}))
    assert refused == Refused("FAILED_PRECONDITION", "TOO_DEEP")
    above = await account(office, "0")
    refused = await refusal(rep.UpdateAccount(account={"id": chain[0].id, "parent_id": above.id}))
    assert refused == Refused("FAILED_PRECONDITION", "TOO_DEEP")


async def test_a_credit_code_is_proven_and_kept_in_one_form(office: Served) -> None:
    made = await account(office, registration_number=f" {USCI[:8].lower()} {USCI[8:]} ")
    assert made.registration_number == USCI
    taken = await refusal(office.as_("rep").CreateAccount(account={"display_name": "x", "registration_number": USCI}))
    assert taken.code == "ALREADY_EXISTS"
    wrong = USCI[:-1] + ("A" if USCI[-1] != "A" else "B")
    given = {"display_name": "x", "registration_number": wrong}
    refused = await refusal(office.as_("rep").CreateAccount(account=given))
    assert list(refused.fields) == ["account.registration_number"]
    abroad = given | {"billing_address": {"region_code": "DE"}}
    assert (await office.as_("rep").CreateAccount(account=abroad)).registration_number == wrong


async def test_a_deleted_tag_comes_off_whatever_had_it(office: Served) -> None:
    admin = office.as_("admin")
    tag, kept = [await admin.CreateTag(tag={"display_name": name}) for name in ("重点", "普通")]
    theirs = await account(office, tag_ids=[tag.id])
    somebody = await contact(office, tag_ids=[kept.id, tag.id])
    await admin.DeleteTag(id=tag.id)
    await settle(office)
    assert not (await admin.GetAccount(id=theirs.id)).tag_ids
    assert list((await admin.GetContact(id=somebody.id)).tag_ids) == [kept.id]
    revisions = (await admin.ListContactRevisions(id=somebody.id)).revisions
    assert [one.verb for one in revisions] == ["updated", "created"]
    await admin.UndeleteTag(id=tag.id)
    assert not (await admin.GetAccount(id=theirs.id)).tag_ids


async def test_a_shared_view_is_everybodys_to_use_and_its_owners_to_change(office: Served) -> None:
    rep, colleague = office.as_("rep"), office.as_("colleague")
    view = {"display_name": "我的客户", "noun": "contacts.account", "filter": 'owner_id = "me"'}
    own = await rep.CreateSavedView(saved_view=view)
    shared = await rep.CreateSavedView(saved_view=view | {"shared": True})
    assert [one.id for one in (await colleague.ListSavedViews()).saved_views] == [shared.id]
    assert (await colleague.GetSavedView(id=shared.id)).filter == view["filter"]
    assert (await refusal(colleague.GetSavedView(id=own.id))).code == "NOT_FOUND"
    patch = {"id": shared.id, "display_name": "别人的"}
    assert (await refusal(colleague.UpdateSavedView(saved_view=patch))).code == "PERMISSION_DENIED"
    assert (await refusal(colleague.DeleteSavedView(id=shared.id))).code == "PERMISSION_DENIED"
    assert not (await office.as_("stranger").ListSavedViews()).saved_views
    assert (await rep.UpdateSavedView(saved_view=patch)).display_name == "别人的"
