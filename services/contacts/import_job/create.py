"""A file comes in, or its first piece."""

from chassis.call import Call
from chassis.errors import InvalidArgument
from chassis.resource.standard import admitted, told_from_the_root
from contacts.import_job import rules, store
from contacts.import_job.encoding import read_as
from contacts.import_job.import_job import IMPORT_JOBS
from contacts.import_job.targets import target_of
from kith.contacts.v1.import_job_pb2 import CreateImportJobRequest, ImportJob


async def create_import_job(call: Call, request: CreateImportJobRequest) -> ImportJob:
    """As every noun is made, with what was sent of the file."""
    job = admitted(IMPORT_JOBS, call, request.import_job)
    job.state = ImportJob.UPLOADED
    with told_from_the_root(IMPORT_JOBS):
        if not job.noun:
            raise InvalidArgument.of("noun", "is required")
        target_of(job.noun)
        if job.encoding:
            read_as(job.encoding)
        rules.grow(job, 0, len(request.content))
        made = await IMPORT_JOBS.create(call, job, id=request.id)
    if request.content:
        await store.add_content(call, made.id, 0, request.content)
    return made
