"""The job of an import: piece by piece, so that it can be paused, cancelled, and killed at any moment."""

import asyncio

from chassis.access.caller import Caller
from chassis.call import Call
from chassis.crash import crash_point
from chassis.errors import NotFound, PermissionDenied, Refusal, Unauthenticated
from chassis.events.outage import is_outage
from chassis.events.outbox import BULK
from chassis.jobs.jobs import Job
from contacts.import_job import store
from contacts.import_job.import_job import IMPORT_JOBS
from contacts.import_job.plan import Plan
from contacts.import_job.rules import NotTabular
from contacts.import_job.table import Row, Table, copied
from contacts.import_job.take_in import Outcome, take_in
from kith.contacts.v1.import_job_pb2 import ImportJob, StartImportRequest

ROWS_AT_ONCE = 500


class _Tried(Exception):
    """Undoes what a dry run did, and carries out what came of it."""

    def __init__(self, start: int, outcome: Outcome) -> None:
        super().__init__("tried")
        self.start, self.outcome = start, outcome


class _Refused(Exception):
    """The database refused some rows together: undone, and not known which row it was."""

    def __init__(self, start: int, why: Refusal) -> None:
        super().__init__(str(why))
        self.start, self.why = start, why


async def run_import(job: Job, request: StartImportRequest) -> None:
    """Take in the rows of an import that no piece has taken in yet, in the order of the file.

    Where it stands is written with what it did, so nothing is lost or done twice, whoever is killed wherever, and two
    runners of one import take turns. Ends early when somebody pauses or cancels it.
    """
    try:
        async with job.piece() as call:
            record = await IMPORT_JOBS.get(call, request.id)
        async with copied(job, record) as table:
            if not record.progress.total:
                await _tell_total(job, request.id, await asyncio.to_thread(table.count))
            await _take_in_all(job, request.id, table)
    except (NotTabular, PermissionDenied, Unauthenticated, NotFound) as why:
        await _fail(job, request.id, why)


async def _tell_total(job: Job, id: str, total: int) -> None:
    async with job.piece() as call:
        record = await IMPORT_JOBS.lock(call, id)
        if record.state == ImportJob.RUNNING:
            record.progress.total = total
            await IMPORT_JOBS.save(call, record, verb="counted")


async def _take_in_all(job: Job, id: str, table: Table) -> None:
    """The planner is told how large the tables are each time that they may have quadrupled."""
    steps, next_look = 0, 1
    while await _step(job, id, table):
        steps += 1
        if steps == next_look:
            next_look *= 4
            async with job.piece() as call:
                await store.learn_sizes(call)


async def _step(job: Job, id: str, table: Table) -> bool:
    """The next rows; where the database refuses them together, one by one. False at the end."""
    try:
        return await _piece(job, id, table, ROWS_AT_ONCE)
    except _Refused:
        pass
    more, left = True, ROWS_AT_ONCE
    while more and left:
        try:
            more = await _piece(job, id, table, 1)
        except _Refused as refused:
            await _reject(job, id, table, refused)
        left -= 1
    return more


async def _piece(job: Job, id: str, table: Table, number: int) -> bool:
    """One transaction: some rows, their errors, and how far we are. Raises _Refused."""
    try:
        async with job.piece(BULK) as call:
            record = await IMPORT_JOBS.lock(call, id)
            start = record.progress.done
            rows = table.take(start, number) if record.state == ImportJob.RUNNING else []
            if not rows:
                await _end(call, record)
                return False
            outcome = await _outcome(call, record, rows)
            if record.dry_run:
                raise _Tried(start, outcome)
            await _write_down(call, record, outcome)
            crash_point("import_before_commit")
    except _Tried as tried:
        await _note(job, id, tried.start, tried.outcome)
    crash_point("import_after_commit")
    return True


async def _outcome(call: Call, record: ImportJob, rows: list[Row]) -> Outcome:
    try:
        return await take_in(call, record, Plan(record, call.caller), rows)
    except (PermissionDenied, Unauthenticated):
        raise
    except Refusal as why:
        if is_outage(why):
            raise
        raise _Refused(record.progress.done, why) from why


async def _reject(job: Job, id: str, table: Table, refused: _Refused) -> None:
    """The row that was refused all by itself, for the database's reason."""
    async with job.piece() as call:
        record = await IMPORT_JOBS.get(call, id)
        plan = Plan(record, call.caller)
    draft = plan.read(table.take(refused.start, 1)[0])
    column = plan.column_of(refused.why.facts.get("field", ""))
    draft.refuse(refused.why, column, refused.why.facts.get("field", ""))
    await _note(job, id, refused.start, Outcome(drafts=[draft]))


async def _note(job: Job, id: str, start: int, outcome: Outcome) -> None:
    """What came of the rows from `start` on, unless somebody else was faster."""
    async with job.piece(BULK) as call:
        record = await IMPORT_JOBS.lock(call, id)
        if record.state == ImportJob.RUNNING and record.progress.done == start:
            await _write_down(call, record, outcome)


async def _write_down(call: Call, record: ImportJob, outcome: Outcome) -> None:
    progress = record.progress
    progress.done += outcome.done
    progress.created += outcome.created
    progress.updated += outcome.updated
    progress.unchanged += outcome.unchanged
    progress.rejected += outcome.rejected
    await store.keep(call, record.id, outcome.errors, outcome.taken)
    await IMPORT_JOBS.save(call, record, verb="progressed")


async def _end(call: Call, record: ImportJob) -> None:
    """All rows are dealt with. Nothing for one that was paused, cancelled, or ended by another runner."""
    if record.state != ImportJob.RUNNING:
        return
    record.state = ImportJob.COMPLETED_WITH_ERRORS if record.progress.rejected else ImportJob.COMPLETED
    record.progress.end_time.FromDatetime(call.now)
    if record.dry_run:
        await store.forget_rows(call, record.id)
    else:
        await store.forget_file(call, record.id)
    await IMPORT_JOBS.save(call, record, verb="completed")


async def _fail(job: Job, id: str, why: Refusal) -> None:
    """Said by the service, since whoever set the job may have lost the right to say anything."""
    async with job.calls.open(Caller.system(job.tenant_id, job.calls.service)) as call:
        record = await IMPORT_JOBS.lock(call, id)
        if record.state != ImportJob.RUNNING:
            return
        record.state, record.problem = ImportJob.FAILED, str(why)
        record.progress.end_time.FromDatetime(call.now)
        await store.forget_file(call, id)
        await IMPORT_JOBS.save(call, record, verb="failed")
