"""The next piece of a file."""

from chassis.call import Call
from contacts.import_job import rules, store
from contacts.import_job.import_job import IMPORT_JOBS
from kith.contacts.v1.import_job_pb2 import AppendImportContentRequest, ImportJob


async def append_import_content(call: Call, request: AppendImportContentRequest) -> ImportJob:
    """A piece that is there already changes nothing, so that a lost answer may be asked for again."""
    job = await IMPORT_JOBS.lock(call, request.id, request.etag)
    if not rules.grow(job, request.offset, len(request.content)):
        return job
    await store.add_content(call, job.id, request.offset, request.content)
    return await IMPORT_JOBS.save(call, job, verb="content_appended")
