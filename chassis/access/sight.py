"""How far one caller sees a noun, or changes it: what they own and manage, what was shared with them, and by rule."""

from collections.abc import Collection
from enum import IntEnum
from typing import Any, NamedTuple


class Reach(IntEnum):
    """The records a grant covers; each includes the ones before it."""

    NONE = 0
    OWN = 1
    TEAM = 2
    TEAM_TREE = 3  # and the teams below
    TENANT = 4


class Level(IntEnum):
    """What a share gives; each includes the ones before it."""

    NONE = 0
    READ = 1
    WRITE = 2


class SharedBy(NamedTuple):
    """A sharing rule, as it reaches one whom it shares with: records of a noun that match a filter."""

    filter: str
    level: Level


class Sight(NamedTuple):
    """A record is in sight by any one of these. Free of values, so that it can stand in the shape of a statement."""

    reach: Reach
    level: Level = Level.NONE  # single records shared at this level or above; NONE: none ever were
    rules: tuple[Any, ...] = ()  # the shapes of rules' filters


# Of whom nothing was ever shared with: most callers, and all services.
UNSHARED = {reach: Sight(reach) for reach in Reach}
# What no share gives, however much else it does.
KEPT_BACK: Collection[str] = frozenset({"create", "delete", "transfer", "assign", "share", "migrate"})


def level_for(verb: str) -> Level:
    """How much has to be shared for `verb`; NONE where no share is enough."""
    if verb in KEPT_BACK:
        return Level.NONE
    return Level.READ if verb == "read" else Level.WRITE
