"""Putting away a pipeline that nobody uses."""

from chassis.call import Call
from chassis.errors import FailedPrecondition
from kith.sales.v1.pipeline_pb2 import DeletePipelineRequest, Pipeline
from sales.opportunity.standing import standing_in
from sales.pipeline.pipeline import PIPELINES


class PipelineInUse(FailedPrecondition): ...


async def delete_pipeline(call: Call, request: DeletePipelineRequest) -> Pipeline:
    """Raises PipelineInUse while opportunities stand in it."""
    pipeline = await PIPELINES.lock(call, request.id, request.etag, ending=True)
    if await standing_in(call, "pipeline_id", pipeline.id):
        raise PipelineInUse(f"opportunities stand in pipeline {pipeline.id}", id=pipeline.id)
    return await PIPELINES.delete(call, request.id, request.etag)
