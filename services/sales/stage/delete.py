"""Putting away a stage that nobody stands in."""

from chassis.call import Call
from chassis.errors import FailedPrecondition
from kith.sales.v1.stage_pb2 import DeleteStageRequest, Stage
from sales.opportunity.standing import standing_in
from sales.stage.stage import STAGES


class StageInUse(FailedPrecondition): ...


async def delete_stage(call: Call, request: DeleteStageRequest) -> Stage:
    """Raises StageInUse while opportunities stand in it."""
    stage = await STAGES.lock(call, request.id, request.etag, ending=True)
    if await standing_in(call, "stage_id", stage.id):
        raise StageInUse(f"opportunities stand in stage {stage.id}", id=stage.id)
    return await STAGES.delete(call, request.id, request.etag)
