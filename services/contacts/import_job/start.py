"""A run begins."""

from chassis.call import Call
from chassis.errors import PermissionDenied
from chassis.resource.moved import may_move
from chassis.resource.standard import refuse_unwritable
from contacts.import_job import rules
from contacts.import_job.import_job import IMPORT_JOBS
from contacts.import_job.matching import refuse_nameless
from contacts.import_job.plan import Plan
from contacts.import_job.run import run_import
from contacts.import_job.targets import TIMES
from kith.contacts.v1.import_job_pb2 import ImportJob, StartImportRequest


async def start_import(call: Call, request: StartImportRequest) -> ImportJob:
    """As a job with the rights of the caller. Raises PermissionDenied for what they may not do by hand."""
    job = await IMPORT_JOBS.lock(call, request.id, request.etag)
    rules.refuse_unless(job, ImportJob.ANALYSED)
    plan = Plan(job, call.caller)
    rules.refuse_unready(job, plan.target.needed)
    _refuse_unallowed(call, plan)
    job.state = ImportJob.RUNNING
    job.ClearField("progress")
    job.progress.start_time.FromDatetime(call.now)
    await call.schedule(run_import, StartImportRequest(id=job.id))
    return await IMPORT_JOBS.save(call, job, verb="started")


def _refuse_unallowed(call: Call, plan: Plan) -> None:
    needed = [f"{plan.target.noun}.import", f"{plan.target.noun}.read"]
    if plan.mode != ImportJob.UPDATE:
        needed.append(f"{plan.target.noun}.create")
    if plan.mode != ImportJob.CREATE:
        needed.append(f"{plan.target.noun}.update")
    if plan.links:
        needed += ["contacts.account.read", "contacts.account.create"]
        refuse_nameless(call.caller)
    for permission in needed:
        call.caller.reach(permission)
    refuse_unwritable(call, plan.target.resource, plan.fields)
    if plan.fields & TIMES and not may_move(call.caller, plan.target.noun):
        missing = f"{plan.target.noun}.migrate"
        raise PermissionDenied(f"only {missing} for the whole tenant says when records were made", permission=missing)
