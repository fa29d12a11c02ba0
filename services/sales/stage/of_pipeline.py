"""The stages of a pipeline, in order."""

from typing import Any

from sqlalchemy import Select, Uuid, bindparam, select

from chassis.access.caller import Reach
from chassis.call import Call
from kith.sales.v1.stage_pb2 import Stage
from sales.stage.stage import STAGES


async def stages_of(call: Call, pipeline_id: str) -> list[Stage]:
    """Whole, as rules need them."""
    rows = await call.ask("stages of a pipeline", _in_order, {"pipeline": pipeline_id})
    return [Stage(**STAGES.codec.fields(row)) for row in rows]


def _in_order() -> Select[Any]:
    table = STAGES.table
    here = STAGES.within(Reach.TENANT), table.c.pipeline_id == bindparam("pipeline", type_=Uuid)
    return (
        select(*STAGES.codec.columns).where(*here, table.c.delete_time.is_(None)).order_by(table.c.position, table.c.id)
    )
