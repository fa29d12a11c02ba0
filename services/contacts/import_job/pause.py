"""A run rests."""

from chassis.call import Call
from contacts.import_job import rules
from contacts.import_job.import_job import IMPORT_JOBS
from kith.contacts.v1.import_job_pb2 import ImportJob, PauseImportRequest


async def pause_import(call: Call, request: PauseImportRequest) -> ImportJob:
    """After the rows it is at."""
    job = await IMPORT_JOBS.lock(call, request.id, request.etag)
    rules.refuse_unless(job, ImportJob.RUNNING)
    job.state = ImportJob.PAUSED
    return await IMPORT_JOBS.save(call, job, verb="paused")
