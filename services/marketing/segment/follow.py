"""Every segment that follows the facts learns what changed in them."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, select

from chassis.access.caller import Reach
from chassis.call import Call
from marketing.contact_fact.refresh import Fact
from marketing.segment.count import count_soon
from marketing.segment.meaning import meaning
from marketing.segment.segment import SEGMENTS
from marketing.segment_membership.bring_in_line import bring_in_line


async def follow(call: Call, facts: Sequence[Fact], cause: str) -> None:
    """`cause` is the event that changed them. Call it with the segments held shared, and as the tenant."""
    if not facts:
        return
    rows = await call.ask("segments that follow", _dynamic, {})
    meant = {str(row["id"]): meaning(call, row["filter"]) for row in rows}
    for segment_id in sorted(await bring_in_line(call, facts, meant, cause)):
        await count_soon(call, segment_id)


def _dynamic() -> Select[Any]:
    table = SEGMENTS.table
    living = SEGMENTS.within(Reach.TENANT), table.c.delete_time.is_(None)
    return select(table.c.id, table.c.filter).where(*living, table.c.kind == "DYNAMIC").order_by(table.c.id)
