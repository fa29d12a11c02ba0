"""A run goes on."""

from chassis.call import Call
from contacts.import_job import rules
from contacts.import_job.import_job import IMPORT_JOBS
from contacts.import_job.run import run_import
from kith.contacts.v1.import_job_pb2 import ImportJob, ResumeImportRequest, StartImportRequest


async def resume_import(call: Call, request: ResumeImportRequest) -> ImportJob:
    """Where it stood, as a job of whoever resumes it."""
    job = await IMPORT_JOBS.lock(call, request.id, request.etag)
    rules.refuse_unless(job, ImportJob.PAUSED)
    job.state = ImportJob.RUNNING
    await call.schedule(run_import, StartImportRequest(id=job.id))
    return await IMPORT_JOBS.save(call, job, verb="resumed")
