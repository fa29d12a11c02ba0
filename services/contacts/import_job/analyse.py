"""What a file is, as far as it says."""

from chassis.call import Call
from contacts.import_job import analysis, rules
from contacts.import_job.import_job import IMPORT_JOBS
from kith.contacts.v1.import_job_pb2 import AnalyseImportRequest, ImportJob


async def analyse_import(call: Call, request: AnalyseImportRequest) -> ImportJob:
    """Once the file is whole: no piece can follow."""
    job = await IMPORT_JOBS.lock(call, request.id, request.etag)
    rules.refuse_unless(job, ImportJob.UPLOADED, ImportJob.ANALYSED)
    await analysis.analyse(call, job)
    job.state = ImportJob.ANALYSED
    return await IMPORT_JOBS.save(call, job, verb="analysed")
