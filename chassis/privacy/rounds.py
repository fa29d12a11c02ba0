"""How a service takes part in a privacy request: it hears the question, erases what it finds, and answers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from google.protobuf.message import Message
from sqlalchemy import MetaData

from chassis.call import Call
from chassis.events.alone import publish_alone
from chassis.events.subscription import Subscription, on
from chassis.privacy.erase import ALL, Erasure, erase
from chassis.privacy.erased import remember
from chassis.privacy.person import Known, known_in
from chassis.sealed.fields import place_of, ring_of
from kith.v1.privacy_pb2 import PrivacyAnswer, PrivacyRound

if TYPE_CHECKING:
    from chassis.resource.resource import Resource

REQUEST = "identity.privacy_request"
ASKED, ANSWERED = "asked", "answered"


def taking_part(service: str, nouns: Sequence[Resource[Any]], tables: Sequence[MetaData]) -> Subscription:
    """What every service is given; it follows from the contract of its nouns."""

    async def take_part(call: Call, question: PrivacyRound) -> None:
        asked = opened(call, question.privacy_request_id, "known", question.known)
        done = await erase(call, service, nouns, tables, asked, question.records, question.held_nouns)
        if ALL not in question.held_nouns:
            await remember(call, asked, question.privacy_request_id)
        await publish(call, service, ANSWERED, _answer(call, service, question, asked, done))

    return on("identity.privacy.asked", take_part)


def sealed(call: Call, request_id: str, field: str, known: Known) -> str:
    """For a topic; opens at the same place only."""
    return ring_of(call).seal(place_of(call.caller.tenant_id, REQUEST, request_id, field), known.written())


def opened(call: Call, request_id: str, field: str, token: str) -> Known:
    return known_in(ring_of(call).open(place_of(call.caller.tenant_id, REQUEST, request_id, field), token))


async def publish(call: Call, service: str, verb: str, message: Message) -> None:
    """An event of its own, of no noun: `kith.<service>.privacy.<verb>.v1`."""
    type = service, "privacy", verb
    await publish_alone(call.session, type, call.caller.tenant_id, message, call.headers)


def _answer(call: Call, service: str, question: PrivacyRound, asked: Known, done: Erasure) -> PrivacyAnswer:
    request_id, new = question.privacy_request_id, bool(set(done.persons) - set(question.records))
    counts = {noun: PrivacyAnswer.Count(noun=noun) for noun in _sorted(done.erased, done.held)}
    for noun, count in counts.items():
        count.erased, count.held = done.erased.get(noun, 0), done.held.get(noun, 0)
    return PrivacyAnswer(
        privacy_request_id=request_id,
        number=question.number,
        service=service,
        known=sealed(call, request_id, f"known/{service}", done.known),
        records=done.persons,
        touched=done.touched,
        counts=counts.values(),
        changed=done.changed or new or bool(done.known.names - asked.names),
    )


def _sorted(*some: Iterable[str]) -> list[str]:
    return sorted({noun for one in some for noun in one})
