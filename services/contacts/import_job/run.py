"""The job of an import: piece by piece, so that it can be paused, cancelled, and killed at any moment."""

import asyncio
import logging
from dataclasses import dataclass

from chassis.access.caller import Caller
from chassis.call import Call
from chassis.crash import crash_point
from chassis.errors import Internal, NotFound, PermissionDenied, Refusal, Unauthenticated
from chassis.events.outage import is_outage
from chassis.events.outbox import BULK
from chassis.jobs.jobs import Job, given_up
from contacts.import_job import store
from contacts.import_job.import_job import IMPORT_JOBS
from contacts.import_job.plan import Draft, Plan
from contacts.import_job.rules import NotTabular
from contacts.import_job.table import Row, Table, copied
from contacts.import_job.take_in import Outcome, take_in
from kith.contacts.v1.import_job_pb2 import ImportJob, StartImportRequest

ROWS_AT_ONCE = 500
MOST_FAULTS = 100  # rows that break something of ours, before it is the import that is broken
log = logging.getLogger(__name__)


class _Tried(Exception):
    """Undoes what a dry run did, and carries out what came of it."""

    def __init__(self, start: int, outcome: Outcome) -> None:
        super().__init__("tried")
        self.start, self.outcome = start, outcome


class _Refused(Exception):
    """Some rows were refused together, or broke something: undone, and not known which row it was."""

    def __init__(self, start: int, why: Refusal) -> None:
        super().__init__(str(why))
        self.start, self.why = start, why


@dataclass
class _Run:
    """One runner's way through a file."""

    job: Job
    id: str
    table: Table
    faults: int = 0  # rows that broke something of ours


async def say_failed(call: Call, request: StartImportRequest, why: str) -> None:
    """Whoever waits for the import is told why nobody will go on with it."""
    record = await IMPORT_JOBS.lock(call, request.id)
    if record.state != ImportJob.RUNNING:
        return
    record.state, record.problem = ImportJob.FAILED, why
    record.progress.end_time.FromDatetime(call.now)
    await store.forget_file(call, request.id)
    await IMPORT_JOBS.save(call, record, verb="failed")


@given_up(say_failed)
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
            await _take_in_all(_Run(job, request.id, table))
    except (NotTabular, PermissionDenied, Unauthenticated, NotFound, Internal) as why:
        # Said by the service, since whoever set the job may have lost the right to say anything.
        async with job.calls.open(Caller.system(job.tenant_id, job.calls.service)) as call:
            await say_failed(call, request, str(why))


async def _tell_total(job: Job, id: str, total: int) -> None:
    async with job.piece() as call:
        record = await IMPORT_JOBS.lock(call, id)
        if record.state == ImportJob.RUNNING:
            record.progress.total = total
            await IMPORT_JOBS.save(call, record, verb="counted")


async def _take_in_all(run: _Run) -> None:
    """The planner is told how large the tables are each time that they may have quadrupled."""
    steps, next_look = 0, 1
    while await _step(run, ROWS_AT_ONCE):
        steps += 1
        if steps == next_look:
            next_look *= 4
            async with run.job.piece() as call:
                await store.learn_sizes(call)


async def _step(run: _Run, number: int) -> bool:
    """The next rows; those that are refused together in halves, down to the row it was. False at the end."""
    try:
        return await _piece(run, number)
    except _Refused as refused:
        if number == 1:
            await _reject(run, refused)
            return True
    return await _step(run, number // 2) and await _step(run, number - number // 2)


async def _piece(run: _Run, number: int) -> bool:
    """One transaction: some rows, their errors, and how far we are. Raises _Refused."""
    try:
        async with run.job.piece(BULK) as call:
            record = await IMPORT_JOBS.lock(call, run.id)
            start = record.progress.done
            rows = run.table.take(start, number) if record.state == ImportJob.RUNNING else []
            if not rows:
                await _end(call, record)
                return False
            outcome = await _outcome(call, record, rows)
            if record.dry_run:
                raise _Tried(start, outcome)
            await _write_down(call, record, outcome)
            crash_point("import_before_commit")
    except _Tried as tried:
        await _note(run, tried.start, tried.outcome)
    crash_point("import_after_commit")
    return True


async def _outcome(call: Call, record: ImportJob, rows: list[Row]) -> Outcome:
    start = record.progress.done
    try:
        return await take_in(call, record, Plan(record, call.caller), rows)
    except (PermissionDenied, Unauthenticated):
        raise
    except Refusal as why:
        if is_outage(why):
            raise
        raise _Refused(start, why) from why
    except Exception as fault:  # as in the loop of jobs, of which this is a part: the other rows shall go in
        if is_outage(fault):
            raise
        log.warning("rows of an import broke something", exc_info=fault, extra={"start": start, "rows": len(rows)})
        raise _Refused(start, Internal("this row broke something on our side")) from fault


async def _reject(run: _Run, refused: _Refused) -> None:
    """The row that was refused all by itself; one that breaks something is not read again. Raises Internal."""
    async with run.job.piece() as call:
        record = await IMPORT_JOBS.get(call, run.id)
        plan = Plan(record, call.caller)
    (row,) = run.table.take(refused.start, 1)
    if isinstance(refused.why, Internal):
        run.faults += 1
        if run.faults > MOST_FAULTS:
            raise Internal(f"more than {MOST_FAULTS} rows broke something on our side")
        draft = Draft(row.line, "", plan.target.resource.message())
        draft.refuse(refused.why)
    else:
        draft = plan.read(row)
        field = refused.why.facts.get("field", "")
        draft.refuse(refused.why, plan.column_of(field), field)
    await _note(run, refused.start, Outcome(drafts=[draft]))


async def _note(run: _Run, start: int, outcome: Outcome) -> None:
    """What came of the rows from `start` on, unless somebody else was faster."""
    async with run.job.piece(BULK) as call:
        record = await IMPORT_JOBS.lock(call, run.id)
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
