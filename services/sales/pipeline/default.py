"""Which pipeline is meant when none is named."""

from typing import Any

from sqlalchemy import Select, select

from chassis.access.caller import NOTHING
from chassis.call import Call
from chassis.errors import FailedPrecondition
from chassis.resource.view import View
from kith.sales.v1.pipeline_pb2 import Pipeline
from sales.pipeline.pipeline import PIPELINES


class NoDefaultPipeline(FailedPrecondition): ...


async def default_pipeline(call: Call) -> Pipeline:
    """The tenant's own choice. Raises NoDefaultPipeline."""
    view = PIPELINES.view(call.sight(PIPELINES.noun, "read"), NOTHING, NOTHING)  # whole, since a verb decides by it
    rows = await call.ask(("default pipeline", view.shape), lambda: _chosen(view), {})
    if not rows:
        raise NoDefaultPipeline("no pipeline is the default one; name one")
    return Pipeline(**PIPELINES.codec.fields(rows[0]))


def _chosen(view: View) -> Select[Any]:
    return select(*view.columns).where(view.c.default, view.c.delete_time.is_(None))
