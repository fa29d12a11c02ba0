"""Erasing a person (ID-17, B-10): what contacts does by itself when identity asks, from the options of its fields."""

import asyncio
import uuid
from datetime import UTC, datetime
from typing import Any

import pytest

from chassis.events.cloud_event import Event
from chassis.ids import new_id
from chassis.privacy.person import Known, known_in
from chassis.privacy.rounds import opened, sealed
from chassis.testing.serving import Served, refusal
from kith.contacts.v1.contact_pb2 import ContactEvent
from kith.v1.privacy_pb2 import PrivacyAnswer, PrivacyRound
from tests.contacts.files import table
from tests.contacts.people import ACME
from tests.contacts.test_sealed import dump, holds
from tests.contacts.working import errors, taken_in

EMAIL, PHONE, NAME = "Canary.Weiss@example.com", "+8613912345678", "卡纳瑞·魏丝"
WORDS = ("canary.weiss", "13912345678", NAME, "Sandweg 17", "喜欢乌龙茶", "Canary-4711", "secret-plan")


async def asked(office: Served, number: int = 1, **more: Any) -> PrivacyAnswer:
    """What contacts answers, as it goes onto its topic."""
    request_id = str(uuid.uuid4())
    known = Known(frozenset({EMAIL.casefold()}), frozenset({PHONE}))
    async with office.call("rep") as call:
        token = sealed(call, request_id, "known", known)
    question = PrivacyRound(privacy_request_id=request_id, number=number, known=token, **more)
    asking = "kith.identity.privacy.asked.v1"
    event = Event(new_id(), asking, ACME, uuid.uuid4(), 0, datetime.now(UTC), "", question.SerializeToString())
    await office.hear(event)
    (*_, (type, payload)) = await office.events("contacts.privacy")
    assert type == "kith.contacts.privacy.answered.v1"
    return PrivacyAnswer.FromString(payload)


async def canary(office: Served) -> Any:
    """A person with all that one can have here, each said once and then changed, so that it is in a history too."""
    rep = office.as_("rep")
    account = await rep.CreateAccount(account={"display_name": "Nordwind", "description": f"Ask {EMAIL}, please"})
    made = await rep.CreateContact(
        contact={
            "display_name": NAME,
            "emails": [{"address": EMAIL, "primary": True}],
            "phones": [{"number": "139 1234 5678"}],
            "address": {"region_code": "DE", "address_line": "Sandweg 17"},
            "description": "喜欢乌龙茶",
            "birthday": {"year": 1990, "month": 2, "day": 3},
            "labels": {"crm": "Canary-4711"},
            "external_ids": [{"system": "erp", "id": "Canary-4711"}],
            "id_number": "X1",
            "affiliations": [{"account_id": account.id}],
        }
    )
    await rep.UpdateContact(contact={"id": made.id, "position": "CEO"}, update_mask={"paths": ["position"]})
    await rep.CreateNote(note={"body": "secret-plan", "contact_id": made.id})
    await rep.CreateTask(task={"display_name": f"Call {NAME}", "contact_id": made.id})
    await rep.LogInteraction(
        interaction={
            "kind": "CALL",
            "summary": f"{NAME} called",
            "body": "secret-plan",
            "interaction_time": {"seconds": 1_700_000_000},
            "contact_id": made.id,
        }
    )
    return made


async def test_no_byte_of_the_person_is_left_in_any_table_and_what_is_left_says_so(office: Served) -> None:
    made = await canary(office)
    other = await office.as_("rep").CreateContact(contact={"display_name": "李娜", "description": "stays"})
    whole = (await dump(office)).lower()
    assert all(holds(whole, word.lower()) for word in WORDS)
    answer = await asked(office)
    whole = (await dump(office)).lower()
    assert not [word for word in WORDS if holds(whole, word.lower())]
    erased = await office.as_("rep").GetContact(id=made.id)
    assert (erased.display_name, erased.HasField("delete_time"), list(erased.emails)) == ("[erased]", True, [])
    assert not erased.HasField("birthday")
    assert not erased.id_number
    revisions = (await office.as_("rep").ListContactRevisions(id=made.id)).revisions
    assert revisions[0].verb == "erased"
    assert not revisions[0].HasField("before")
    assert {one.after.display_name for one in revisions} == {"[erased]"}
    assert (await office.as_("rep").GetContact(id=other.id)).description == "stays"
    counts = {one.noun: one.erased for one in answer.counts}
    assert counts == {f"contacts.{noun}": 1 for noun in ("account", "contact", "interaction", "note", "task")}
    assert list(answer.records) == [f"contacts.contact/{made.id}"]


async def test_the_answer_tells_what_else_the_person_is_called_and_nobody_reads_it_on_the_way(office: Served) -> None:
    await canary(office)
    answer = await asked(office)
    assert NAME.encode() not in answer.SerializeToString()
    async with office.call("rep") as call:
        known = opened(call, answer.privacy_request_id, "known/contacts", answer.known)
    assert {NAME, "Sandweg 17"} <= known.names
    assert known_in(known.written()) == known


async def test_a_second_round_finds_nothing_and_one_after_something_new_finds_that(office: Served) -> None:
    made = await canary(office)
    assert (await asked(office)).changed
    records = [f"contacts.contact/{made.id}"]
    again = await asked(office, 2, records=records)
    assert (again.changed, list(again.counts)) == (False, [])
    await office.as_("rep").CreateNote(note={"body": f"write to {EMAIL.upper()} or +86-139-1234-5678"})
    late = await asked(office, 3, records=records)
    assert [(one.noun, one.erased) for one in late.counts] == [("contacts.note", 1)]
    assert not holds((await dump(office)).lower(), EMAIL.lower())


@pytest.mark.parametrize("held", ["*", "contacts.contact"])
async def test_what_is_held_stays_byte_for_byte_and_is_counted(office: Served, held: str) -> None:
    made = await canary(office)
    before = await office.as_("rep").GetContact(id=made.id)
    answer = await asked(office, held_nouns=[held])
    assert await office.as_("rep").GetContact(id=made.id) == before
    counts = {one.noun: (one.erased, one.held) for one in answer.counts}
    assert counts["contacts.contact"] == (0, 1)
    assert counts["contacts.note"] == ((0, 1) if held == "*" else (1, 0))


async def test_the_event_that_tells_of_it_carries_nothing_from_before(office: Served) -> None:
    await canary(office)
    await office.admin.execute("delete from outbox")
    await asked(office)
    types = [type for type, _ in await office.events("contacts.contact")]
    assert types == ["kith.contacts.contact.erased.v1"]
    ((_, payload),) = await office.events("contacts.contact")
    event = ContactEvent.FromString(payload)
    assert not event.HasField("before")
    assert {"display_name", "emails", "phones", "address"} <= set(event.changed_fields)


async def test_whoever_was_erased_is_not_brought_back_by_hand_or_by_import(office: Served) -> None:
    await canary(office)
    await asked(office)
    rep = office.as_("rep")
    for way in ({"emails": [{"address": EMAIL.lower()}]}, {"phones": [{"number": "0086 139-1234-5678"}]}):
        told = await refusal(rep.CreateContact(contact={"display_name": "New", **way}))
        assert (told.code, told.reason) == ("FAILED_PRECONDITION", "PERSON_ERASED")
        assert EMAIL.lower() not in told.message.lower()
    other = await rep.CreateContact(contact={"display_name": "李娜", "emails": [{"address": "li@example.com"}]})
    changed = {"id": other.id, "emails": [{"address": "li@example.com"}, {"address": EMAIL}]}
    told = await refusal(rep.UpdateContact(contact=changed, update_mask={"paths": ["emails"]}))
    assert told.reason == "PERSON_ERASED"
    job = await taken_in(office, table([["魏丝", EMAIL], ["王五", "wang@example.com"]], ["姓名", "邮箱"]))
    assert (job.progress.created, job.progress.rejected) == (1, 1)
    (error,) = await errors(office, job)
    assert error.reason == "PERSON_ERASED"


async def test_two_rounds_at_once_and_a_writer_between_them_lose_nothing(office: Served) -> None:
    made = await canary(office)
    await asyncio.gather(asked(office), asked(office))
    assert (await office.as_("rep").GetContact(id=made.id)).display_name == "[erased]"
