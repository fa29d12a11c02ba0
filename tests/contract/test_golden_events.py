"""What was published once is read for ever (quality 24)."""

import shutil
from pathlib import Path

import pytest
from google.protobuf.message import DecodeError

from gateway.contract import Contract
from protos.generate import HERE, contract
from tests.contract.golden import Example, kept, kept_types, missing, ours, types, wanted

HOW = "what can be published is not written down yet: make golden"
LEAD = "kith/sales/v1/lead.proto"


@pytest.fixture(scope="module")
def today() -> Contract:
    return ours()


def test_every_event_that_was_ever_written_is_read_as_what_it_was(today: Contract) -> None:
    examples = [one for service in today.services() for one in kept(service)]
    assert examples
    for one in examples:
        assert one.read(today) == one.says, one.message


def test_every_event_and_every_field_of_it_is_written_down(today: Contract) -> None:
    assert [one.message for one in missing(today)] == [], HOW
    assert {one.message for one in wanted(today)} == {m for s in today.services() for m in {e.message for e in kept(s)}}


def test_a_type_of_event_that_was_ever_published_stays(today: Contract) -> None:
    assert [one for one in kept_types() if one not in types(today)] == [], (
        "readers wait for it: publish it beside the new"
    )
    assert [one for one in types(today) if one not in kept_types()] == [], HOW


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("string company = ", "string firm = "),
        ("string company = ", "bytes company = "),
        ("string company = 2", "string company = 9"),
        ("LeadEvent {", "LeadNews {"),
    ],
    ids=["renamed", "of another type", "renumbered", "message renamed"],
)
def test_a_field_that_is_not_what_it_was_is_noticed(tmp_path: Path, old: str, new: str) -> None:
    shutil.copytree(HERE / "kith", tmp_path / "kith")
    text = (tmp_path / LEAD).read_text(encoding="utf-8")
    assert old in text
    text = text.replace(old, new) if "Event" not in old else text.replace("LeadEvent", "LeadNews")
    (tmp_path / LEAD).write_text(text, encoding="utf-8")
    changed = Contract(contract([tmp_path]))
    assert any(_differs(one, changed) for one in kept("sales") if one.message.endswith(".LeadEvent"))


def test_a_new_field_is_asked_for_and_changes_nothing_that_was(tmp_path: Path) -> None:
    shutil.copytree(HERE / "kith", tmp_path / "kith")
    text = (tmp_path / LEAD).read_text(encoding="utf-8")
    (tmp_path / LEAD).write_text(text.replace("message Lead {", "message Lead {\n  string nickname = 1999;"), "utf-8")
    changed = Contract(contract([tmp_path]))
    assert "kith.sales.v1.LeadEvent" in [one.message for one in missing(changed)]
    assert not any(_differs(one, changed) for one in kept("sales"))


def _differs(one: Example, changed: Contract) -> bool:
    try:
        return one.read(changed) != one.says
    except (KeyError, DecodeError):
        return True
