"""Asks all services to erase a person, round after round, until one round finds nothing more."""

from chassis.call import Call
from chassis.privacy.erase import ALL, erase_one
from chassis.privacy.person import identifiers_in
from chassis.privacy.rounds import ASKED, opened, publish, sealed
from chassis.sealed.fields import place_of, ring_of
from identity.legal_hold.covering import holds_covering
from identity.privacy_request.certificate import certify
from identity.privacy_request.forget_values import forget_values
from identity.privacy_request.privacy_request import PRIVACY_REQUESTS
from identity.privacy_request.rules import end
from identity.privacy_request.standing import Standing, forget, keep, locked
from identity.settings import SERVICES
from kith.identity.v1.privacy_request_pb2 import PrivacyRequest
from kith.v1.privacy_pb2 import PrivacyAnswer, PrivacyRound

EVERYBODY = frozenset({"identity", *SERVICES})
MOST_ROUNDS = 10  # in which something new turned up each time; then a person has to look
LEGAL_HOLD, USER, UNFINISHED = "LEGAL_HOLD", "USER", "UNFINISHED"
# Whoever works here is deactivated, not erased: what they did stays theirs.
USERS = dict.fromkeys(("identity.user", "identity.external_identity"), USER)


async def ask_first(call: Call, request: PrivacyRequest) -> None:
    """The first round, about whoever the request names."""
    place = place_of(call.caller.tenant_id, PRIVACY_REQUESTS.noun.permission, request.id, "identifiers")
    person = identifiers_in(ring_of(call).open(place, request.identifiers))
    held, hold_id = dict(USERS), ""
    for hold in await holds_covering(call, person):
        hold_id = hold_id or hold.id
        held |= dict.fromkeys(hold.nouns or [ALL], LEGAL_HOLD)
    standing = Standing(1, sealed(call, request.id, "known", person), held=held, legal_hold_id=hold_id)
    await _ask(call, request.id, standing)


async def hear_answer(call: Call, answer: PrivacyAnswer) -> None:
    """What one service did. When all have answered: once more, or the end."""
    id = answer.privacy_request_id
    standing = await locked(call, id)
    if standing is None or answer.number != standing.number or answer.service in standing.answered:
        return
    known = opened(call, id, "known", standing.known) | opened(call, id, f"known/{answer.service}", answer.known)
    standing.known = sealed(call, id, "known", known)
    standing.answered.append(answer.service)
    standing.records = sorted({*standing.records, *answer.records})
    standing.touched = sorted({*standing.touched, *answer.touched})
    standing.changed |= answer.changed
    for count in answer.counts:
        standing.erased[count.noun] = standing.erased.get(count.noun, 0) + count.erased
        standing.kept[count.noun] = count.held
    if not {*standing.answered} >= EVERYBODY:
        await keep(call, id, standing)
    elif standing.changed and standing.number < MOST_ROUNDS:
        await _next(call, id, standing)
    else:
        await _end(call, id, standing)


async def _next(call: Call, id: str, standing: Standing) -> None:
    standing.number, standing.answered, standing.changed = standing.number + 1, [], False
    request = await PRIVACY_REQUESTS.lock(call, id)
    request.rounds = standing.number
    await PRIVACY_REQUESTS.save(call, request, verb="advanced")
    await _ask(call, id, standing)


async def _ask(call: Call, id: str, standing: Standing) -> None:
    await keep(call, id, standing)
    question = PrivacyRound(
        privacy_request_id=id,
        number=standing.number,
        known=standing.known,
        records=standing.records,
        held_nouns=sorted(standing.held),
        legal_hold_id=standing.legal_hold_id,
    )
    await publish(call, "identity", ASKED, question)


async def _end(call: Call, id: str, standing: Standing) -> None:
    """Signed, and with nothing left of who it was about."""
    request = await PRIVACY_REQUESTS.lock(call, id)
    reasons = {noun: standing.held.get(noun, standing.held.get(ALL, "")) for noun in standing.kept}
    end(request, standing.erased, reasons, standing.kept, call.now)
    if standing.changed:
        request.state = PrivacyRequest.PARTIAL
        request.results.add(noun=ALL, reason=UNFINISHED)
    certify(call, request, standing.legal_hold_id)
    await PRIVACY_REQUESTS.save(call, request, verb="completed")
    await erase_one(call, PRIVACY_REQUESTS, id)
    await forget_values(call, standing.touched)
    await forget(call, id)
