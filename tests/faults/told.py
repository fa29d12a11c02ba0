"""What the topics must say of each record: all of its changes, first in their order, and the same again if again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.faults.logs import Said


@dataclass(frozen=True)
class Found:
    records: int
    events: int  # of them, each counted once
    again: int


def revision_of(record: Mapping[str, Any]) -> int:
    """How many changes it has seen: its etag is that number."""
    return int(record["etag"].strip('"'))


def complete(said: Sequence[Said], revisions: Mapping[str, int]) -> Found | None:
    """As `in_order`, in whatever order: what a log lost is said again behind what is news."""
    return in_order(sorted(said, key=_sequence), revisions)


def in_order(said: Sequence[Said], revisions: Mapping[str, int]) -> Found | None:
    """None while there is a change that was not said yet, or one said that the records do not show (yet).

    Raises AssertionError for one that was said before an earlier one, or twice differently.
    """
    last, known, again = dict.fromkeys(revisions, 0), dict[tuple[str, int], Said](), 0
    for one in said:
        sequence = _sequence(one)
        first = known.setdefault((one.key, sequence), one)
        if first is not one:
            same = one.value == first.value and one.headers["ce_id"] == first.headers["ce_id"]
            assert same, f"{one.key}: its change {sequence} was said again, and differently"
            again += 1
            continue
        assert sequence == last[one.key] + 1, f"{one.key}: change {sequence} was said after {last[one.key]}"
        last[one.key] = sequence
    return Found(len(revisions), sum(last.values()), again) if last == revisions else None


def _sequence(one: Said) -> int:
    return int(one.headers["ce_sequence"])
