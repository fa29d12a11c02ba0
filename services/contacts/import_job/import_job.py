"""What an import is."""

from chassis.resource.resource import Resource
from kith.contacts.v1.import_job_pb2 import ImportJob

IMPORT_JOBS = Resource(ImportJob, defaults=ImportJob(state=ImportJob.UPLOADED))
