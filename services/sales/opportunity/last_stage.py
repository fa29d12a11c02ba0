"""Where an opportunity stood before its last step."""

from typing import Any

from sqlalchemy import Select, Uuid, bindparam, select

from chassis.access.caller import Reach
from chassis.call import Call
from kith.sales.v1.opportunity_pb2 import Opportunity
from sales.opportunity.opportunity import STAGE_CHANGES


async def last_open_stage(call: Call, opportunity: Opportunity) -> str:
    """The id of the stage it came from; "" when it never moved."""
    rows = await call.ask("stage before the last step", _newest, {"opportunity": opportunity.id})
    return str(rows[0][0]) if rows else ""


def _newest() -> Select[Any]:
    table = STAGE_CHANGES.table
    here = STAGE_CHANGES.within(Reach.TENANT), table.c.opportunity_id == bindparam("opportunity", type_=Uuid)
    return select(table.c.from_stage_id).where(*here).order_by(table.c.id.desc()).limit(1)
