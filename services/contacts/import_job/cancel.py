"""An import ends before its end."""

from chassis.call import Call
from contacts.import_job import rules, store
from contacts.import_job.import_job import IMPORT_JOBS
from kith.contacts.v1.import_job_pb2 import CancelImportRequest, ImportJob


async def cancel_import(call: Call, request: CancelImportRequest) -> ImportJob:
    """For good: records that were made stay, the file goes."""
    job = await IMPORT_JOBS.lock(call, request.id, request.etag)
    rules.refuse_unless(job, ImportJob.UPLOADED, ImportJob.ANALYSED, ImportJob.RUNNING, ImportJob.PAUSED)
    job.state = ImportJob.CANCELLED
    if job.progress.HasField("start_time"):
        job.progress.end_time.FromDatetime(call.now)
    await store.forget_file(call, job.id)
    return await IMPORT_JOBS.save(call, job, verb="cancelled")
