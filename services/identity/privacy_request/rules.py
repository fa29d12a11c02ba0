"""What is true of a privacy request; plain functions, tested without a server."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from chassis.errors import FailedPrecondition, InvalidArgument
from chassis.privacy.person import identifiers_in
from kith.identity.v1.privacy_request_pb2 import PrivacyRequest

TIME_TO_ANSWER = timedelta(days=30)  # GDPR, article 12(3): one month; PIPL says "in time"
OPEN = (PrivacyRequest.RECEIVED, PrivacyRequest.VERIFIED)
ENDED = (PrivacyRequest.COMPLETED, PrivacyRequest.PARTIAL)


class RequestNotOpen(FailedPrecondition): ...


class RequestNotVerified(FailedPrecondition): ...


class RequestNotDone(FailedPrecondition): ...


def check(request: PrivacyRequest) -> None:
    """Raises InvalidArgument for what is no address and no number. Fills in when it is due."""
    if request.identifiers:
        identifiers_in(request.identifiers)
    if not request.HasField("due_date"):
        due = request.create_time.ToDatetime() + TIME_TO_ANSWER
        request.due_date.year, request.due_date.month, request.due_date.day = due.year, due.month, due.day


def refuse_nobody(request: PrivacyRequest) -> None:
    """Raises InvalidArgument for a new one without an address or number."""
    if not identifiers_in(request.identifiers):
        raise InvalidArgument.of("identifiers", "is required")


def verify(request: PrivacyRequest, verification: str) -> None:
    """Raises RequestNotOpen."""
    if request.state != PrivacyRequest.RECEIVED:
        raise RequestNotOpen(f"privacy request {request.id} is not new", id=request.id)
    request.state, request.verification = PrivacyRequest.VERIFIED, verification


def reject(request: PrivacyRequest, reason: str, now: datetime) -> None:
    """Raises RequestNotOpen."""
    if request.state not in OPEN:
        raise RequestNotOpen(f"privacy request {request.id} is not open", id=request.id)
    request.state, request.reject_reason = PrivacyRequest.REJECTED, reason
    request.end_time.FromDatetime(now)


def begin(request: PrivacyRequest) -> None:
    """Raises RequestNotVerified."""
    if request.state != PrivacyRequest.VERIFIED:
        raise RequestNotVerified(f"privacy request {request.id} is not verified", id=request.id)
    request.state, request.rounds = PrivacyRequest.IN_PROGRESS, 1


def end(
    request: PrivacyRequest, erased: Mapping[str, int], held: Mapping[str, str], kept: Mapping[str, int], now: datetime
) -> None:
    """By noun: how many were erased, why it is held, and how many were. What is held makes it PARTIAL."""
    for noun in sorted({*erased, *kept}):
        number = kept.get(noun, 0)
        reason = held.get(noun, "") if number else ""
        request.results.add(noun=noun, erased=erased.get(noun, 0), held=number, reason=reason)
    request.state = PrivacyRequest.PARTIAL if any(kept.values()) else PrivacyRequest.COMPLETED
    request.end_time.FromDatetime(now)


def refuse_undone(request: PrivacyRequest) -> None:
    """Raises RequestNotDone."""
    if request.state not in ENDED:
        raise RequestNotDone(f"privacy request {request.id} is not done", id=request.id)
