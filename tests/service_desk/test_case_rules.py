"""The way of a case: every step from every state is taken or refused by name (SD-01)."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.errors import Refusal
from kith.service_desk.v1.case_message_pb2 import CaseMessage
from kith.service_desk.v1.case_pb2 import Case
from service_desk.case import rules

NOW = datetime(2026, 5, 4, 9, tzinfo=UTC)
OURS = CaseMessage(kind=CaseMessage.PUBLIC_REPLY, direction=CaseMessage.OUTBOUND)
THEIRS = CaseMessage(kind=CaseMessage.PUBLIC_REPLY, direction=CaseMessage.INBOUND)
NOTE = CaseMessage(kind=CaseMessage.INTERNAL_NOTE)
STATES = [state for state in Case.State.values() if state]
STEPS: dict[str, Callable[[Case, datetime], object]] = {
    "assign": lambda case, now: rules.assign(case, "somebody", ""),
    "answer": lambda case, now: rules.reply(case, OURS, now),
    "ask": lambda case, now: rules.reply(case, OURS, now, wait_for_customer=True),
    "hear": lambda case, now: rules.reply(case, THEIRS, now),
    "note": lambda case, now: rules.reply(case, NOTE, now),
    "resolve": lambda case, now: rules.resolve(case, "so", now),
    "reopen": rules.reopen,
    "close": rules.close,
    "cancel": lambda case, now: rules.cancel(case, "why", now),
}


def standing(state: Case.State.ValueType) -> Case:
    case = Case(id="c", state=state)
    if state in (Case.RESOLVED, Case.CLOSED):
        case.resolved_time.FromDatetime(NOW)
    return case


@given(st.lists(st.tuples(st.sampled_from(sorted(STEPS)), st.integers(0, 40)), max_size=12))
def test_whatever_is_tried_a_case_stays_what_it_says(steps: list[tuple[str, int]]) -> None:
    case, now, reopened = Case(id="c", state=Case.NEW), NOW, 0
    first_response = None
    for name, days in steps:
        now += timedelta(days=days)
        before = Case.FromString(case.SerializeToString())
        try:
            STEPS[name](case, now)
        except Refusal:
            assert case.state == before.state
            continue
        if name == "note":
            before.last_message_time.CopyFrom(case.last_message_time)
            assert case == before
        reopened += before.state == Case.RESOLVED and case.state == Case.OPEN
        if name in ("answer", "ask"):
            first_response = first_response or now
        if before.state in (Case.CLOSED, Case.CANCELLED):
            assert case.state == before.state
        assert case.HasField("closed_time") == (case.state in (Case.CLOSED, Case.CANCELLED))
        assert case.HasField("resolved_time") == (case.state in (Case.RESOLVED, Case.CLOSED))
        assert case.reopen_count == reopened
        assert (
            case.first_response_time.ToDatetime(UTC) if case.HasField("first_response_time") else None
        ) == first_response


@pytest.mark.parametrize("state", STATES)
def test_a_note_among_ourselves_moves_nothing(state: Case.State.ValueType) -> None:
    case = standing(state)
    if state in (Case.CLOSED, Case.CANCELLED):
        with pytest.raises(rules.NotOpen):
            rules.reply(case, NOTE, NOW)
    else:
        rules.reply(case, NOTE, NOW)
        assert (case.state, case.HasField("first_response_time")) == (state, False)


def test_a_customer_may_come_back_for_thirty_days() -> None:
    for late, comes_back in ((timedelta(days=30), True), (timedelta(days=30, seconds=1), False)):
        case = standing(Case.RESOLVED)
        if comes_back:
            rules.reply(case, THEIRS, NOW + late)
            assert (case.state, case.reopen_count) == (Case.OPEN, 1)
        else:
            with pytest.raises(rules.ReopenWindowOver):
                rules.reply(case, THEIRS, NOW + late)


def test_what_is_resolved_takes_thanks_and_asks_nothing() -> None:
    case = standing(Case.RESOLVED)
    rules.reply(case, OURS, NOW)
    assert case.state == Case.RESOLVED
    with pytest.raises(rules.NotOpen):
        rules.reply(case, OURS, NOW, wait_for_customer=True)


@pytest.mark.parametrize(
    ("customer", "name"),
    [
        ("Ten robots", "Onboarding: Ten robots"),
        ("十台机器人", "客户启用：十台机器人"),
        ("x" * 300, "Onboarding: " + "x" * 288),
    ],
)
def test_onboarding_is_called_in_the_customers_language(customer: str, name: str) -> None:
    assert rules.onboarding_name(customer) == name


@pytest.mark.parametrize(
    ("state", "team", "at_work", "owner", "of_team"),
    [
        (Case.OPEN, "support", True, "successor", "support"),
        (Case.OPEN, "support", False, "nobody", "support"),
        (Case.OPEN, "", False, "successor", "old"),
        (Case.CLOSED, "support", False, "successor", "old"),
    ],
)
def test_cases_of_who_leaves_go_to_who_can_work_on_them(
    state: Case.State.ValueType, team: str, at_work: bool, owner: str, of_team: str
) -> None:
    case = Case(state=state, owner_id="left", team_id="old")
    rules.hand_over(case, "successor", team, nobody="nobody", at_work=at_work)
    assert (case.owner_id, case.team_id) == (owner, of_team)
