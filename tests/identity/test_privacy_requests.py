"""Privacy requests and legal holds (ID-17): from receipt to a signed certificate, whoever asks, whatever is held."""

import json
from typing import Any

import pytest
from google.protobuf.json_format import MessageToDict

from chassis.access.caller import Caller
from chassis.config import SERVICES
from chassis.ids import new_id
from chassis.privacy.certificate import is_genuine
from chassis.privacy.person import Known
from chassis.privacy.rounds import sealed
from chassis.testing.serving import refusal
from kith.v1.privacy_pb2 import PrivacyAnswer, PrivacyRound
from tests.identity.suite import World
from tests.identity.trail import consumer, entries, event, heard, records

EMAIL = "canary@example.com"


async def received(world: World, identifiers: str = EMAIL) -> Any:
    return await world.boss.CreatePrivacyRequest(privacy_request={"identifiers": identifiers, "kind": "ERASE"})


async def executed(world: World, identifiers: str = EMAIL) -> Any:
    made = await received(world, identifiers)
    await world.boss.VerifyPrivacyRequest(id=made.id, verification="called back")
    return await world.boss.ExecutePrivacyRequest(id=made.id)


async def question(world: World) -> PrivacyRound:
    """The newest; it counts as published, and identity's own part in it is done."""
    sql = "select payload from outbox where type = 'kith.identity.privacy.asked.v1' order by position desc limit 1"
    asked = PrivacyRound.FromString(await world.admin.fetchval(sql))
    await heard(world)
    await heard(world)
    return asked


async def answered(world: World, asked: PrivacyRound, *, times: int = 1, **counts: PrivacyAnswer.Count) -> None:
    """All services but identity have done their part; `counts` by service, which says then whether it erased any."""
    for service in SERVICES:
        if service == "identity":
            continue
        async with world.replica.calls.open(Caller.system(tenant(world), "identity")) as call:
            known = sealed(call, asked.privacy_request_id, f"known/{service}", Known())
        answer = PrivacyAnswer(
            privacy_request_id=asked.privacy_request_id, number=asked.number, service=service, known=known
        )
        if count := counts.get(service):
            answer.counts.append(count)
            answer.changed = bool(count.erased)
        for _ in range(times):
            id = str(new_id())
            type = f"kith.{service}.privacy.answered.v1"
            await consumer(world)(records([event(service, type, world.tenant.id, id, answer, 0, event_id=id)]))


def tenant(world: World) -> Any:
    from uuid import UUID

    return UUID(world.tenant.id)


async def test_it_goes_round_until_nothing_is_found_and_ends_with_a_certificate(world: World) -> None:
    begun = await executed(world)
    assert (begun.state, begun.rounds) == (begun.IN_PROGRESS, 1)
    told = await refusal(world.boss.GetCertificate(id=begun.id))
    assert told.reason == "REQUEST_NOT_DONE"
    contact = PrivacyAnswer.Count(noun="contacts.contact", erased=2)
    await answered(world, await question(world), contacts=contact)
    second = await question(world)
    assert second.number == 2
    await answered(world, second)
    done = await world.boss.GetPrivacyRequest(id=begun.id)
    assert (done.state, done.rounds, done.identifiers) == (done.COMPLETED, 2, "")
    assert [(one.noun, one.erased, one.held) for one in done.results] == [("contacts.contact", 2, 0)]
    certificate = await world.boss.GetCertificate(id=begun.id)
    assert is_genuine(certificate.document, certificate.seal, certificate.public_key)
    assert not is_genuine(certificate.document.replace("2", "3"), certificate.seal, certificate.public_key)
    assert json.loads(certificate.document)["privacy_request_id"] == begun.id
    assert await world.admin.fetchval("select count(*) from privacy_round") == 0


async def test_one_answer_said_twice_counts_once_and_one_of_a_round_before_not_at_all(world: World) -> None:
    begun = await executed(world)
    first = await question(world)
    lead = PrivacyAnswer.Count(noun="sales.lead", erased=1)
    await answered(world, first, times=2, sales=lead)
    await answered(world, first, sales=lead)
    await answered(world, await question(world))
    done = await world.boss.GetPrivacyRequest(id=begun.id)
    assert [(one.noun, one.erased) for one in done.results] == [("sales.lead", 1)]


async def test_nobody_reads_on_the_way_or_at_rest_who_it_is_about(world: World) -> None:
    await executed(world)
    rows = await world.admin.fetch("select payload from outbox union all select payload from history")
    texts = [
        await world.admin.fetchval(f"select string_agg(t::text, ' ') from {name} t")
        for name in ("privacy_round", "privacy_request")
    ]
    assert not [1 for row in rows if EMAIL.encode() in row["payload"]]
    assert not [1 for text in texts if EMAIL in text]


@pytest.mark.parametrize(
    ("hold", "expected"),
    [
        ({}, ["*"]),
        ({"identifiers": f"x@example.com; {EMAIL.upper()}"}, ["*"]),
        ({"nouns": ["service_desk.case"]}, ["service_desk.case"]),
        ({"identifiers": "other@example.com"}, []),
        ({"until_date": {"year": 2020, "month": 1, "day": 1}}, []),
    ],
)
async def test_a_legal_hold_wins_over_erasure_for_whom_and_what_it_covers(
    world: World, hold: dict[str, Any], expected: list[str]
) -> None:
    placed = await world.boss.PlaceLegalHold(legal_hold={"display_name": "Case 7", "reason": "Lawsuit", **hold})
    await executed(world)
    asked = await question(world)
    assert [one for one in asked.held_nouns if not one.startswith("identity.")] == expected
    assert asked.legal_hold_id == (placed.id if expected else "")


async def test_what_is_held_makes_it_partial_and_the_certificate_says_why(world: World) -> None:
    await world.boss.PlaceLegalHold(legal_hold={"display_name": "Case 7", "reason": "Lawsuit"})
    begun = await executed(world)
    await answered(world, await question(world), contacts=PrivacyAnswer.Count(noun="contacts.contact", held=3))
    done = await world.boss.GetPrivacyRequest(id=begun.id)
    assert done.state == done.PARTIAL
    assert [(one.noun, one.held, one.reason) for one in done.results] == [("contacts.contact", 3, "LEGAL_HOLD")]


async def test_a_released_hold_holds_nothing_and_is_released_once(world: World) -> None:
    placed = await world.boss.PlaceLegalHold(legal_hold={"display_name": "Case 7", "reason": "Lawsuit"})
    await world.boss.ReleaseLegalHold(id=placed.id)
    assert (await refusal(world.boss.ReleaseLegalHold(id=placed.id))).reason == "HOLD_RELEASED"
    await executed(world)
    assert "*" not in (await question(world)).held_nouns


async def test_a_user_is_left_and_counted_since_their_work_stays_theirs(world: World) -> None:
    user = await world.user("lina", "Sales rep")
    begun = await executed(world, user.email)
    await answered(world, await question(world))
    done = await world.boss.GetPrivacyRequest(id=begun.id)
    assert [(one.noun, one.reason) for one in done.results] == [("identity.user", "USER")]
    assert (await world.boss.GetUser(id=user.id)).email == user.email


async def test_the_trail_forgets_the_values_and_its_chain_still_holds(world: World) -> None:
    from kith.contacts.v1.contact_pb2 import Contact, ContactEvent

    id = str(new_id())
    told = ContactEvent(verb="created", after=Contact(id=id, display_name="Canary"), actor_id=id)
    type, resource = "kith.contacts.contact.created.v1", f'resource = "contacts/{id}"'
    await consumer(world)(records([event("contacts", type, world.tenant.id, id, told, event_id=str(new_id()))]))
    (entry,) = await entries(world, resource)
    assert entry.changes[0].new_value == '"Canary"'
    await executed(world)
    asked = await question(world)
    async with world.replica.calls.open(Caller.system(tenant(world), "identity")) as call:
        known = sealed(call, asked.privacy_request_id, "known/contacts", Known())
    answer = PrivacyAnswer(privacy_request_id=asked.privacy_request_id, number=1, service="contacts", known=known)
    answer.touched.append(f"contacts.contact/{id}")
    said = event(
        "contacts", "kith.contacts.privacy.answered.v1", world.tenant.id, id, answer, 0, event_id=str(new_id())
    )
    await consumer(world)(records([said]))
    await answered(world, asked)
    (entry,) = await entries(world, resource)
    assert (entry.action, entry.changes[0].new_value, entry.changes[0].salt) == ("created", "", "")
    assert (await world.boss.VerifyAuditChain()).sound


async def test_only_what_is_verified_is_executed_and_only_what_is_open_is_rejected(world: World) -> None:
    made = await received(world)
    boss = world.boss
    assert (await refusal(boss.ExecutePrivacyRequest(id=made.id))).reason == "REQUEST_NOT_VERIFIED"
    await boss.VerifyPrivacyRequest(id=made.id, verification="passport")
    assert (await refusal(boss.VerifyPrivacyRequest(id=made.id, verification="x"))).reason == "REQUEST_NOT_OPEN"
    gone = await boss.RejectPrivacyRequest(id=made.id, reason="not the person")
    assert (gone.state, gone.reject_reason) == (gone.REJECTED, "not the person")
    for late in (
        boss.RejectPrivacyRequest(id=made.id, reason="x"),
        boss.VerifyPrivacyRequest(id=made.id, verification="x"),
    ):
        assert (await refusal(late)).reason == "REQUEST_NOT_OPEN"
    assert (await refusal(boss.ExecutePrivacyRequest(id=made.id))).reason == "REQUEST_NOT_VERIFIED"


@pytest.mark.parametrize("identifiers", ["", "nobody", "a@example.com, 12"])
async def test_what_is_no_address_is_refused_by_its_place_and_not_repeated(world: World, identifiers: str) -> None:
    told = await refusal(received(world, identifiers))
    assert (told.code, set(told.fields)) == ("INVALID_ARGUMENT", {"privacy_request.identifiers"})
    hold = {"display_name": "x", "reason": "x", "identifiers": "nobody"}
    told = await refusal(world.boss.PlaceLegalHold(legal_hold=hold))
    assert set(told.fields) == {"legal_hold.identifiers"}
    assert "nobody" not in told.message


async def test_it_is_due_within_a_month_unless_it_says_when(world: World) -> None:
    made = await received(world)
    due = MessageToDict(made)["dueDate"]
    assert due["year"] >= 2026
    said = {"identifiers": EMAIL, "kind": "ERASE", "due_date": {"year": 2030, "month": 5, "day": 6}}
    assert (await world.boss.CreatePrivacyRequest(privacy_request=said)).due_date.year == 2030
