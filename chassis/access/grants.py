"""Patterns of permissions: a role says `sales.*` once, and the verbs of tomorrow are in it.

A permission is `<service>.<noun>.<verb>`. In a pattern `*` stands for any one of the three, and a last `*` for all
that follows: `*`, `sales.*`, `sales.opportunity.*`, `sales.opportunity.read`, `*.*.read`. No `*` stands for the noun
`platform`: what the suite's own services may do to each other is granted by name, and by no tenant. For a noun in
`GUARDED` it stands only where the verb is `*` as well: who may do all may read the audit trail, who may read all may
not.
"""

import re
from collections.abc import Iterable, Mapping
from typing import TypeVar

DEPTH = 3
PLATFORM = "platform"
GUARDED = frozenset({"audit_entry"})
PATTERN = re.compile(r"^(\*|[a-z][a-z_]*)(\.(\*|[a-z][a-z_]*)){0,2}$")
R = TypeVar("R", bound=int)


def is_pattern(text: str) -> bool:
    """Whether `text` can be granted: a whole permission, or a shorter one that ends in `*`."""
    return bool(PATTERN.match(text)) and (text.count(".") == DEPTH - 1 or text.endswith("*"))


def matches(pattern: str, permission: str) -> bool:
    service, noun, verb = permission.split(".")
    by_service, by_noun, by_verb = _parts(pattern)
    return (
        by_service in ("*", service)
        and (by_noun == noun or (by_noun == "*" and _is_among_all(noun, by_verb)))
        and by_verb in ("*", verb)
    )


def _is_among_all(noun: str, verb: str) -> bool:
    """Whether a `*` for the noun, with this verb beside it, means this noun too."""
    return noun != PLATFORM and (noun not in GUARDED or verb == "*")


def reach_of(permission: str, grants: Mapping[str, R], nothing: R) -> R:
    """The widest reach among the patterns that cover `permission`."""
    return max((reach for pattern, reach in grants.items() if matches(pattern, permission)), default=nothing)


def widest(grants: Iterable[tuple[str, R]]) -> dict[str, R]:
    """Several roles as one: the same pattern twice keeps its wider reach."""
    merged: dict[str, R] = {}
    for pattern, reach in grants:
        merged[pattern] = max(merged.get(pattern, reach), reach)
    return merged


def within(grants: Mapping[str, R], scopes: Iterable[str]) -> dict[str, R]:
    """What is left of `grants` to a key of these `scopes`: never more than its owner's, whatever the scopes say."""
    scopes = tuple(scopes)
    both = ((common(pattern, scope), reach) for pattern, reach in grants.items() for scope in scopes)
    return widest((pattern, reach) for pattern, reach in both if pattern)


def covers(grants: Mapping[str, R], pattern: str, reach: R) -> bool:
    """Whether one grant holds all that `pattern` would give, as far as `reach`: nobody hands on what they lack."""
    return any(far >= reach and common(mine, pattern) == ".".join(_parts(pattern)) for mine, far in grants.items())


def common(one: str, other: str) -> str:
    """The pattern of what both cover, or ""."""
    ours, others = _parts(one), _parts(other)
    parts = []
    for mine, theirs in zip(ours, others, strict=True):
        if "*" not in (mine, theirs) and mine != theirs:
            return ""
        parts.append(theirs if mine == "*" else mine)
    if ours[1] != others[1] and not _is_among_all(parts[1], (others if others[1] == "*" else ours)[2]):
        return ""
    return ".".join(parts)


def _parts(pattern: str) -> list[str]:
    parts = pattern.split(".")
    return parts + ["*"] * (DEPTH - len(parts))
