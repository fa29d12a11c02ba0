"""Records that come from another system keep when they were made there, and by whom."""

from collections.abc import Set
from datetime import datetime
from typing import Any, TypeVar

from google.protobuf.message import Message

from chassis.access.caller import Caller, Reach
from chassis.errors import InvalidArgument, PermissionDenied
from chassis.resource.kinds import timestamp
from chassis.resource.noun import Noun

MOVED = frozenset({"create_time", "update_time", "creator_id"})  # what the server says, unless a move does
T = TypeVar("T", bound=Message)


def may_move(caller: Caller, noun: str) -> bool:
    """Whether `migrate` is theirs, for the whole tenant: the `*` of whoever reaches less is no leave to date back."""
    try:
        return caller.reach(f"{noun}.migrate") is Reach.TENANT
    except PermissionDenied:
        return False


def moved_in(caller: Caller, noun: Noun, named: Set[str]) -> frozenset[str]:
    """Which of the `named` fields are those, if the caller may. Raises PermissionDenied for one whose right is less."""
    said = MOVED & named
    if not said or not may_move(caller, noun.permission):
        return frozenset()
    if closed := said & caller.may_not_write(noun.permission):
        raise PermissionDenied(
            f"{', '.join(sorted(closed))} is not yours to set", permission=f"{noun.permission}.migrate"
        )
    return said


def refuse_untimely(given: Any, now: datetime) -> None:
    """Raises InvalidArgument for a time before 1970 or after `now`, and for a change before the making."""
    latest = timestamp(now)
    made, changed = (_said(given, name, latest) for name in ("create_time", "update_time"))
    if changed and changed < (made or (latest["seconds"], latest["nanos"])):
        raise InvalidArgument.of("update_time", "is before it was made")


def _said(given: Any, name: str, latest: dict[str, int]) -> tuple[int, int] | None:
    """Whole microseconds, as they are kept; set so in `given`."""
    if name not in given.DESCRIPTOR.fields_by_name or not given.HasField(name):
        return None
    at = getattr(given, name)
    if at.seconds < 0 or not 0 <= at.nanos < 10**9:
        raise InvalidArgument.of(name, "is before 1970" if at.seconds < 0 else "is no moment")
    at.nanos -= at.nanos % 1000
    if (at.seconds, at.nanos) > (latest["seconds"], latest["nanos"]):
        raise InvalidArgument.of(name, "is in the future")
    return at.seconds, at.nanos
