"""What is true of a case, and how it moves; plain functions, tested without a server."""

import re
from datetime import UTC, datetime, timedelta

from chassis.errors import FailedPrecondition, InvalidArgument
from kith.service_desk.v1.case_message_pb2 import CaseMessage
from kith.service_desk.v1.case_pb2 import Case
from kith.service_desk.v1.queue_pb2 import Queue

UNSETTLED = {Case.NEW, Case.OPEN, Case.PENDING_CUSTOMER}
REOPEN_WINDOW = timedelta(days=30)
LONGEST_NAME = 300
_HAN = re.compile(r"[\u3400-\u9fff\U00020000-\U000323af]")


class NotOpen(FailedPrecondition): ...


class NotResolved(FailedPrecondition): ...


class CaseClosed(FailedPrecondition): ...


class ReopenWindowOver(FailedPrecondition): ...


def route(case: Case, queue: Queue) -> None:
    """Wait in `queue`; until somebody takes it, it is its team's."""
    case.queue_id = queue.id
    if case.state in (Case.STATE_UNSPECIFIED, Case.NEW) and queue.serving_team_id:
        case.team_id = queue.serving_team_id


def assign(case: Case, owner_id: str, team_id: str) -> None:
    """Raises NotOpen."""
    _refuse_settled(case)
    case.owner_id = owner_id
    case.team_id = team_id or case.team_id
    if case.state == Case.NEW:
        case.state = Case.OPEN


def reply(case: Case, message: CaseMessage, now: datetime, *, wait_for_customer: bool = False) -> None:
    """What `message` does to its case. Raises NotOpen, ReopenWindowOver, InvalidArgument."""
    if case.state in (Case.CLOSED, Case.CANCELLED):
        raise NotOpen(f"case {case.id} is closed", id=case.id)
    ours = message.direction == CaseMessage.OUTBOUND
    if wait_for_customer and not ours:
        raise InvalidArgument.of("wait_for_customer", "only a reply of ours can")
    case.last_message_time.FromDatetime(now)
    if message.kind != CaseMessage.PUBLIC_REPLY:
        return
    if ours:
        _answer(case, now, wait_for_customer)
    elif case.state == Case.RESOLVED:
        reopen(case, now)
    elif case.state == Case.PENDING_CUSTOMER:
        case.state = Case.OPEN


def resolve(case: Case, resolution: str, now: datetime) -> None:
    """Raises NotOpen."""
    _refuse_settled(case)
    case.state = Case.RESOLVED
    case.resolution = resolution
    case.resolved_time.FromDatetime(now)


def reopen(case: Case, now: datetime) -> None:
    """Raises CaseClosed, NotResolved, ReopenWindowOver."""
    if case.state in (Case.CLOSED, Case.CANCELLED):
        raise CaseClosed(f"case {case.id} is closed for good", id=case.id)
    _refuse_unresolved(case)
    if now - case.resolved_time.ToDatetime(UTC) > REOPEN_WINDOW:
        raise ReopenWindowOver(f"case {case.id} was resolved over {REOPEN_WINDOW.days} days ago", id=case.id)
    case.state = Case.OPEN
    case.reopen_count += 1
    case.ClearField("resolved_time")


def close(case: Case, now: datetime) -> None:
    """Raises NotResolved."""
    _refuse_unresolved(case)
    case.state = Case.CLOSED
    case.closed_time.FromDatetime(now)


def cancel(case: Case, reason: str, now: datetime) -> None:
    """Raises NotOpen."""
    _refuse_settled(case)
    case.state = Case.CANCELLED
    case.cancel_reason = reason
    case.closed_time.FromDatetime(now)


def hand_over(case: Case, successor_id: str, team_id: str, *, nobody: str, at_work: bool) -> None:
    """Its owner has left. What is settled, or has no team to go to, is the successor's whether they are `at_work` on
    cases or not; else a team works on it, and somebody of it will take it."""
    unsettled = case.state in UNSETTLED
    case.owner_id = successor_id if at_work or not unsettled or not team_id else nobody
    if unsettled and team_id:
        case.team_id = team_id


def onboarding_name(customer: str) -> str:
    """In the language the customer is called in."""
    name = f"客户启用：{customer}" if _HAN.search(customer) else f"Onboarding: {customer}"
    return name[:LONGEST_NAME]


def _answer(case: Case, now: datetime, wait_for_customer: bool) -> None:
    """What is resolved stays so, whatever is added; what we ask about is not resolved."""
    if case.state == Case.RESOLVED and wait_for_customer:
        raise NotOpen(f"case {case.id} is resolved, and waits for nobody", id=case.id)
    if not case.HasField("first_response_time"):
        case.first_response_time.FromDatetime(now)
    if case.state != Case.RESOLVED:
        case.state = Case.PENDING_CUSTOMER if wait_for_customer else Case.OPEN


def _refuse_settled(case: Case) -> None:
    if case.state not in UNSETTLED:
        raise NotOpen(f"case {case.id} is settled", id=case.id)


def _refuse_unresolved(case: Case) -> None:
    if case.state != Case.RESOLVED:
        raise NotResolved(f"case {case.id} is not resolved", id=case.id)
