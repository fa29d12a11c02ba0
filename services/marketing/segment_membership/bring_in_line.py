"""Contacts enter the segments that mean them by now, and leave those that no longer do."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, Uuid, any_, bindparam, select
from sqlalchemy.dialects.postgresql import ARRAY

from chassis.access.caller import Reach
from chassis.call import Call
from kith.marketing.v1.contact_fact_pb2 import ContactFact
from kith.marketing.v1.segment_membership_pb2 import SegmentMembership
from marketing.contact_fact.refresh import Fact
from marketing.segment_membership.segment_membership import SEGMENT_MEMBERSHIPS

Meant = Callable[[ContactFact], bool]


async def bring_in_line(call: Call, facts: Sequence[Fact], segments: Mapping[str, Meant], cause: str) -> set[str]:
    """Of these segments; who was deleted leaves all others too. Returns the ids of segments that somebody entered or
    left. Call it while holding the rows of the facts, which is what keeps anybody from entering twice."""
    standing = await _standing(call, [UUID(one.fact.id) for one in facts])
    touched: set[str] = set()
    for fact, living in facts:
        memberships = standing.get(fact.id, {})
        for segment_id, means in segments.items():
            is_meant = living and means(fact)
            if is_meant and segment_id not in memberships:
                await _enter(call, segment_id, fact, cause)
                touched.add(segment_id)
        gone = [one for one in memberships if not living or (one in segments and not segments[one](fact))]
        for segment_id in gone:
            await _leave(call, memberships[segment_id], cause)
            touched.add(segment_id)
    return touched


async def _enter(call: Call, segment_id: str, fact: ContactFact, cause: str) -> None:
    membership = SegmentMembership(
        segment_id=segment_id, contact_id=fact.id, display_name=fact.display_name, cause=cause
    )
    membership.entered_time.FromDatetime(call.now)
    await SEGMENT_MEMBERSHIPS.create(call, membership, verb="entered")


async def _leave(call: Call, id: str, cause: str) -> None:
    membership = await SEGMENT_MEMBERSHIPS.lock(call, id)
    membership.left_time.FromDatetime(call.now)
    membership.leave_cause = cause
    await SEGMENT_MEMBERSHIPS.save(call, membership, verb="left")


async def _standing(call: Call, contacts: list[UUID]) -> dict[str, dict[str, str]]:
    """By contact, by segment, the membership that has not ended."""
    found: dict[str, dict[str, str]] = {}
    for row in await call.ask("standing memberships", _not_left, {"contacts": contacts}):
        found.setdefault(str(row["contact_id"]), {})[str(row["segment_id"])] = str(row["id"])
    return found


def _not_left() -> Select[Any]:
    table = SEGMENT_MEMBERSHIPS.table
    theirs = table.c.contact_id == any_(bindparam("contacts", type_=ARRAY(Uuid)))
    living = SEGMENT_MEMBERSHIPS.within(Reach.TENANT), table.c.left_time.is_(None), table.c.delete_time.is_(None)
    return select(table.c.id, table.c.segment_id, table.c.contact_id).where(theirs, *living)
