"""Somebody says of a file what it is, or what becomes of it."""

from chassis.call import Call
from chassis.resource.standard import named, standard, told_from_the_root
from contacts.import_job import analysis, rules, store
from contacts.import_job.encoding import read_as
from contacts.import_job.import_job import IMPORT_JOBS
from contacts.import_job.plan import Plan
from kith.contacts.v1.import_job_pb2 import ImportJob, UpdateImportJobRequest

LAYOUT = {"encoding", "delimiter", "quote", "header"}
_update = standard(IMPORT_JOBS, "UpdateImportJob")


async def update_import_job(call: Call, request: UpdateImportJobRequest) -> ImportJob:
    """Before it runs, or after a dry run, which makes it ready for another; what follows from it is found again.

    Raises NotInState, InvalidArgument.
    """
    wanted = named(IMPORT_JOBS, request)
    before = await IMPORT_JOBS.lock(call, request.import_job.id, request.import_job.etag)
    if not (before.dry_run and before.progress.HasField("end_time")):
        rules.refuse_unless(before, ImportJob.UPLOADED, ImportJob.ANALYSED)
    job = await _update(call, request)
    if not wanted:
        return job
    with told_from_the_root(IMPORT_JOBS):
        await _settle(call, job, wanted)
        return await IMPORT_JOBS.save(call, job)


async def _settle(call: Call, job: ImportJob, wanted: set[str]) -> None:
    if "encoding" in wanted:
        job.encoding_certainty = ImportJob.SAID if job.encoding else ImportJob.CERTAINTY_UNSPECIFIED
    if job.encoding:
        read_as(job.encoding)
    if job.progress.HasField("end_time"):
        job.state = ImportJob.ANALYSED
        job.ClearField("progress")
        await store.forget_run(call, job.id)
    if job.state == ImportJob.ANALYSED:
        if wanted & LAYOUT:
            await analysis.analyse(call, job)
        Plan(job, call.caller)
