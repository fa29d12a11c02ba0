"""The judge of all drills sees each lie: in the ledger, in the services, and on the topics."""

from dataclasses import replace

import pytest

from tests.e2e.suite import ok
from tests.faults.ledger import Ledger
from tests.faults.logs import Said
from tests.faults.rig import Rig
from tests.faults.sellers import Sellers, progress
from tests.faults.told import complete, in_order
from tests.faults.verdict import judge


def test_the_judge_sees_what_is_missing_doubled_or_meant_by_nobody(rig: Rig, ledger: Ledger) -> None:
    with Sellers(rig.suite, ledger, "lies").at_work():
        progress(ledger, 12)
    judge(rig, ledger, "lies")
    with rig.suite.client() as client:
        ledger.intend("lies-9001-lead", 9001, "lead")
        ledger.note("lies-9001-lead", "ok", "no such lead")
        with pytest.raises(AssertionError, match="acknowledged and lost"):
            judge(rig, ledger, "lies")
        ledger.note("lies-9001-lead", "unknown")
        judge(rig, ledger, "lies")
        ledger.intend("lies-9002-win", 9002, "win")
        ledger.note("lies-9002-win", "ok", "no such deal")
        with pytest.raises(AssertionError, match="won, and not so any more"):
            judge(rig, ledger, "lies")
        ledger.note("lies-9002-win", "unknown")
        stranger = ok(client.post("/v1/leads", json={"displayName": "lies 9003", "source": "lies"}))["id"]
        with pytest.raises(AssertionError, match="nobody meant"):
            judge(rig, ledger, "lies")
        ledger.intend("lies-9003-lead", 9003, "lead")
        judge(rig, ledger, "lies")
        ok(client.post("/v1/leads", json={"displayName": "lies 9003", "source": "lies"}))
        with pytest.raises(AssertionError, match="a lead is there twice"):
            judge(rig, ledger, "lies")
        assert stranger


def said(sequence: int, value: bytes = b"it") -> Said:
    return Said("kith.sales.v1", 0, "a", {"ce_sequence": str(sequence), "ce_id": f"event {sequence}"}, value)


THREE = [said(1), said(2), said(3)]


def test_all_changes_in_their_order_are_enough_and_copies_do_not_matter() -> None:
    found = in_order([*THREE, said(2), said(1)], {"a": 3})
    assert found
    assert (found.records, found.events, found.again) == (1, 3, 2)


def test_what_is_said_again_after_a_loss_may_come_behind_what_is_news_but_may_not_miss() -> None:
    assert complete([said(3), said(1), said(2)], {"a": 3})
    assert complete([said(1), said(2)], {"a": 3}) is None


@pytest.mark.parametrize("there", [THREE[:2], [], [*THREE, said(4)]], ids=["one-short", "nothing", "one-too-many"])
def test_what_was_not_said_or_never_happened_is_not_enough(there: list[Said]) -> None:
    assert in_order(there, {"a": 3}) is None


@pytest.mark.parametrize(
    "there",
    [
        [said(1), said(3), said(2)],
        [said(2), said(3)],
        [said(1), said(1, b"something else")],
        [said(1), replace(said(1), headers={"ce_sequence": "1", "ce_id": "another event"})],
    ],
    ids=["out-of-order", "a-hole", "twice-differently", "twice-under-two-ids"],
)
def test_what_was_said_wrongly_is_seen(there: list[Said]) -> None:
    with pytest.raises(AssertionError, match="a: "):
        in_order(there, {"a": 3})
