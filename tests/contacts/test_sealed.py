"""Sensitive fields (ID-16, S23): sealed wherever they are kept, told to who may read them, and each reading told of."""

import secrets
from dataclasses import replace
from typing import Any

import pytest

from chassis.access.caller import Right
from chassis.testing.data_keys import ring_of
from chassis.testing.serving import Served, refusal
from kith.contacts.v1.contact_pb2 import ContactEvent
from kith.v1.audit_pb2 import AuditRecord
from tests.contacts.files import table
from tests.contacts.working import taken_in

FIELD = "contacts.contact.id_number"


def canary() -> str:
    return f"ID{secrets.token_hex(9)}"


async def dump(office: Served) -> str:
    """All that the database holds."""
    tables = await office.admin.fetch("select tablename from pg_tables where schemaname = 'public'")
    texts = [await office.admin.fetchval(f'select string_agg(t::text, chr(10)) from "{name}" t') for (name,) in tables]
    bytes_ = await office.admin.fetch("select payload from outbox union all select payload from history")
    return "\n".join([*filter(None, texts), *(row["payload"].decode("latin-1") for row in bytes_)])


def holds(whole: str, secret: str) -> bool:
    """As text, or as bytes are printed."""
    return secret in whole or secret.encode().hex() in whole


async def readings(office: Served) -> list[AuditRecord]:
    events = await office.events("contacts.audit")
    return [AuditRecord.FromString(payload) for type, payload in events if type == "kith.contacts.audit.read.v1"]


async def test_it_is_sealed_wherever_it_is_kept_and_plain_to_who_may_read_it(office: Served) -> None:
    secret, rep = canary(), office.as_("rep")
    made = await rep.CreateContact(contact={"display_name": "张伟", "id_number": secret}, request_id="one")
    changed = await rep.UpdateContact(contact={"id": made.id, "position": "CEO"}, update_mask={"paths": ["position"]})
    again = await rep.CreateContact(contact={"display_name": "张伟", "id_number": secret}, request_id="one")
    found = await rep.GetContact(id=made.id)
    past = await rep.GetContact(id=made.id, read_time=made.create_time)
    (listed,) = (await rep.ListContacts()).contacts
    (batch,) = (await rep.BatchGetContacts(ids=[made.id])).contacts
    newest, oldest = (await rep.ListContactRevisions(id=made.id)).revisions
    everywhere = [made, changed, again, found, past, listed, batch, newest.after, newest.before, oldest.after]
    assert [one.id_number for one in everywhere] == [secret] * len(everywhere)
    await rep.DeleteContact(id=made.id)
    whole = await dump(office)
    assert holds(whole, "张伟")
    assert not holds(whole, secret)
    (_, payload) = (await office.events("contacts.contact"))[0]
    assert ContactEvent.FromString(payload).after.id_number.startswith("\x01sealed:1:")


async def test_each_reading_is_told_of_before_the_answer(office: Served) -> None:
    rep = office.as_("rep")
    one = await rep.CreateContact(contact={"display_name": "A", "id_number": canary()})
    await rep.CreateContact(contact={"display_name": "B"})
    before = len(await readings(office))
    await rep.ListContacts()
    (told,) = (await readings(office))[before:]
    assert (list(told.record_ids), list(told.fields)) == ([one.id], ["id_number"])
    assert told.actor_id == str(office.people["rep"].user_id)
    assert told.method == "kith.contacts.v1.Contacts.ListContacts"


@pytest.mark.parametrize(("right", "shown"), [(Right.NONE, ""), (Right.MASKED, "ID"), (Right.READ, None)])
async def test_who_may_not_read_it_sees_none_or_its_ends_and_nothing_is_told(
    office: Served, right: Right, shown: str | None
) -> None:
    secret = canary()
    made = await office.as_("rep").CreateContact(contact={"display_name": "A", "id_number": secret})
    office.people["rep"] = replace(office.people["rep"], field_rights={FIELD: right})
    before = len(await readings(office))
    found = (await office.as_("rep").GetContact(id=made.id)).id_number
    if shown is None:
        assert found == secret
    else:
        assert found != secret
        assert "sealed" not in found
        assert found[:1] == shown[:1]
    assert len(await readings(office)) == before + (right is Right.READ)


async def test_the_same_value_again_changes_nothing_and_another_does(office: Served) -> None:
    secret, rep = canary(), office.as_("rep")
    made = await rep.CreateContact(contact={"display_name": "A", "id_number": secret})

    async def set(value: str) -> Any:
        changed = {"id": made.id, "id_number": value}
        return await rep.UpdateContact(contact=changed, update_mask={"paths": ["id_number"]})

    assert (await set(secret)).etag == made.etag
    other = await set("X1")
    assert (other.etag != made.etag, other.id_number) == (True, "X1")
    gone = await set("")
    assert gone.id_number == ""
    assert (await refusal(set("not a number!"))).fields.keys() == {"contact.id_number"}


async def test_a_token_of_another_record_opens_nowhere_else(office: Served) -> None:
    secret, rep = canary(), office.as_("rep")
    made = await rep.CreateContact(contact={"display_name": "A", "id_number": secret})
    other = await rep.CreateContact(contact={"display_name": "B", "id_number": "X1"})
    sql = "update contact set id_number = (select id_number from contact where id = $1) where id = $2"
    await office.admin.execute(sql, made.id, other.id)
    assert (await rep.GetContact(id=other.id)).id_number == ""
    token = await office.admin.fetchval("select id_number from contact where id = $1", made.id)
    forged = await refusal(rep.CreateContact(contact={"display_name": "C", "id_number": token}))
    assert forged.code == "INVALID_ARGUMENT"


@pytest.mark.parametrize(
    "asked",
    [
        {"filter": 'id_number = "X1"'},
        {"filter": 'id_number > "A"'},
        {"filter": 'id_number:"X"'},
        {"order_by": "id_number"},
    ],
)
async def test_nothing_is_found_by_it(office: Served, asked: dict[str, str]) -> None:
    await office.as_("rep").CreateContact(contact={"display_name": "A", "id_number": "X1"})
    assert (await refusal(office.as_("rep").ListContacts(**asked))).code == "INVALID_ARGUMENT"
    assert not (await office.as_("rep").ListContacts(filter="X1")).contacts
    grouped = office.as_("rep").AggregateContacts(group_by=["id_number"], measures=["count"])
    assert (await refusal(grouped)).code == "INVALID_ARGUMENT"


async def test_a_new_key_seals_what_is_new_and_opens_what_is_old(
    office: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys: Any = office.calls.means.data_keys
    rep = office.as_("rep")
    old = await rep.CreateContact(contact={"display_name": "A", "id_number": "OLD1"})
    keys._known.clear()
    monkeypatch.setattr(keys, "_ask", lambda tenant_id: ring_of(tenant_id, current=2))
    new = await rep.CreateContact(contact={"display_name": "B", "id_number": "NEW1"})
    rows = await office.admin.fetch("select id, id_number from contact")
    assert {str(row["id"]): row["id_number"][:10] for row in rows} == {old.id: "\x01sealed:1:", new.id: "\x01sealed:2:"}
    assert {one.id_number for one in (await rep.ListContacts()).contacts} == {"OLD1", "NEW1"}


async def test_a_file_holds_it_sealed_too_and_its_faults_do_not_tell_it(office: Served) -> None:
    good, bad = canary(), f"{canary()}!"
    job = await taken_in(
        office, table([["张伟", good], ["李娜", bad]], ["姓名", "证件号码"]), key_fields=["display_name"]
    )
    (made,) = (await office.as_("rep").ListContacts()).contacts
    assert made.id_number == good
    assert job.progress.rejected == 1
    whole = await dump(office)
    assert not holds(whole, good)
    assert not holds(whole, bad)
