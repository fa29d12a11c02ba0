"""The pipeline a new tenant begins with, so that its first lead can be converted."""

from uuid import UUID, uuid5

from chassis.call import Call
from kith.sales.v1.pipeline_pb2 import Pipeline
from kith.sales.v1.stage_pb2 import Stage
from sales.pipeline.pipeline import PIPELINES
from sales.stage.stage import STAGES

# zh, en, outcome, likelihood of a win in percent
STAGE_NAMES = (
    ("初步接触", "Qualification", Stage.OPEN, 10),
    ("需求分析", "Needs analysis", Stage.OPEN, 25),
    ("方案报价", "Proposal", Stage.OPEN, 50),
    ("商务谈判", "Negotiation", Stage.OPEN, 75),
    ("赢单", "Won", Stage.WON, 100),
    ("输单", "Lost", Stage.LOST, 0),
)
PIPELINE_NAME = ("销售管道", "Sales pipeline")


async def furnish(call: Call, locale: str) -> None:
    """Once a tenant; its ids follow from the tenant's, and its names from `locale`."""
    at = 0 if locale.startswith("zh") else 1
    tenant: UUID = call.caller.tenant_id
    pipeline_id = str(uuid5(tenant, "sales.pipeline"))
    await PIPELINES.create(call, Pipeline(display_name=PIPELINE_NAME[at], default=True), id=pipeline_id)
    for position, (*names, outcome, percent) in enumerate(STAGE_NAMES):
        stage = Stage(
            pipeline_id=pipeline_id,
            display_name=names[at],
            position=position,
            outcome=outcome,
            win_probability_percent=percent,
        )
        await STAGES.create(call, stage, id=str(uuid5(tenant, f"sales.stage.{position}")))
