"""Whether any opportunity of the tenant stands somewhere, whoever may see it."""

from typing import Any

from sqlalchemy import Select, Uuid, bindparam, select

from chassis.access.caller import Reach
from chassis.call import Call
from sales.opportunity.opportunity import OPPORTUNITIES


async def standing_in(call: Call, field: str, id: str) -> bool:
    """`field` is `pipeline_id` or `stage_id`."""
    return bool(await call.ask(("standing in", field), lambda: _one_in(field), {"place": id}))


def _one_in(field: str) -> Select[Any]:
    table = OPPORTUNITIES.table
    here = OPPORTUNITIES.within(Reach.TENANT), table.c[field] == bindparam("place", type_=Uuid)
    return select(table.c.id).where(*here, table.c.delete_time.is_(None)).limit(1)
