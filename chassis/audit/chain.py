"""A chain of audit entries: each holds the hash of the one before it, so that none can go, change or move unnoticed.

An entry is hashed as JSON in one form (RFC 8785 for what there is in it: strings, whole numbers, one list): its names
sorted, no blanks, UTF-8. Of its changes only the digests are in that, so values may be withheld or erased.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, TypeAlias

import orjson

Entry: TypeAlias = "Mapping[str, Any]"  # as the contract writes it in JSON, in proto names
FIRST = "0" * 64
PLAIN_TEXTS = (
    *("id", "creator_id", "action", "noun", "resource", "reason"),
    *("permission", "method", "credential", "address", "previous_hash"),
)
TIMES, NUMBERS = ("create_time", "act_time"), ("sequence", "times")
_TEXTS = (*PLAIN_TEXTS, *TIMES, "outcome")


class Wrong(Enum):
    """What can be wrong, by the names of the contract."""

    REMOVED = 1
    ALTERED = 2
    MOVED = 3
    HEAD = 4


def digest_of(salt: str, name: str, old: str, new: str) -> str:
    """Of one changed field; it tells nothing to who lacks the salt."""
    return hashlib.sha256(_json([salt, name, old, new])).hexdigest()


def hash_of(tenant_id: str, entry: Entry) -> str:
    """Over everything an entry says but its own hash, and whose chain it is in."""
    said: dict[str, Any] = {name: entry.get(name, "") for name in _TEXTS}
    said |= {name: int(entry.get(name, 0)) for name in NUMBERS}
    said |= {"tenant_id": tenant_id, "changes": [one["digest"] for one in entry.get("changes", ())]}
    return hashlib.sha256(_json(said)).hexdigest()


def _json(said: object) -> bytes:
    return orjson.dumps(said, option=orjson.OPT_SORT_KEYS)


@dataclass
class Walk:
    """Along a chain, entry by entry in the order they are kept; `faults` are what was wrong, and where."""

    tenant_id: str
    sequence: int = 0  # of the last one seen
    hash: str = FIRST
    faults: list[tuple[int, Wrong]] = field(default_factory=list)

    def see(self, entry: Entry) -> None:
        sequence = int(entry.get("sequence", 0))
        if sequence <= self.sequence:
            self.faults.append((sequence, Wrong.MOVED))
            return
        if sequence > self.sequence + 1:
            self.faults.append((self.sequence + 1, Wrong.REMOVED))
        elif entry.get("previous_hash") != self.hash:
            self.faults.append((sequence, Wrong.MOVED))
        if not self._is_out_of_place(sequence) and (
            hash_of(self.tenant_id, entry) != entry.get("hash") or not _values(entry)
        ):
            self.faults.append((sequence, Wrong.ALTERED))
        self.sequence, self.hash = sequence, str(entry.get("hash", ""))

    def end(self, sequence: int, hash: str, *, sealed: bool) -> None:
        """The head says where the chain ends; `sealed` is whether it is ours."""
        if not sealed or sequence < self.sequence or (sequence == self.sequence and hash != self.hash):
            self.faults.append((sequence, Wrong.HEAD))
        if sequence > self.sequence:
            self.faults.append((self.sequence + 1, Wrong.REMOVED))

    def _is_out_of_place(self, sequence: int) -> bool:
        """Whether that was found of this entry already; its hash is then that of another place."""
        return bool(self.faults) and self.faults[-1] == (sequence, Wrong.MOVED)


def _values(entry: Entry) -> bool:
    """Whether the values that are shown are those the digests were made of."""
    return all(
        digest_of(one["salt"], one.get("field", ""), one.get("old_value", ""), one.get("new_value", ""))
        == one["digest"]
        for one in entry.get("changes", ())
        if one.get("salt")
    )
