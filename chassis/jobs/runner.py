"""Runs what is due: claimed with SKIP LOCKED, leased, put off when it fails, given up when it goes on failing."""

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from typing import Any

from chassis.access.caller import Caller
from chassis.calls import Calls
from chassis.crash import crash_point
from chassis.database.statement import Statement
from chassis.database.worker import AWAY, Pool, fetch
from chassis.errors import PermissionDenied, Refusal, Unauthenticated
from chassis.events.outage import is_outage
from chassis.jobs.job_table import BEAT, CLAIM, END, GIVE_UP, LEASE, PUT_OFF
from chassis.jobs.jobs import Job, Kind, LeaseLost, Principals

FAILURES, SILENCES = 20, 20  # errors of its own, or processes lost under it in a row, before a job is given up
LONGEST_WAIT_SECONDS, LONGEST_OUTAGE_SECONDS = 3600.0, 60.0
POLL_SECONDS = 0.05
_COLUMNS = [name for name in Job.__slots__ if name not in ("calls", "principals", "lease")]
log = logging.getLogger(__name__)


class Runner:
    """Run one in each process; at most `width` jobs at a time. `pool` is the worker role's, which only claims."""

    def __init__(
        self,
        calls: Calls,
        pool: Pool,
        principals: Principals,
        kinds: Sequence[Kind],
        lease: timedelta = LEASE,
        width: int = 4,
    ) -> None:
        self._calls, self._pool, self._principals, self._lease, self._width = calls, pool, principals, lease, width
        self._kinds = {kind.name: kind for kind in kinds}
        if len(self._kinds) < len(kinds):
            raise TypeError(f"two jobs of one name among {sorted(kind.name for kind in kinds)}")
        self._running: set[asyncio.Task[None]] = set()
        self._woken = asyncio.Event()
        self.done = self.failed = self.given_up = 0  # metrics

    def wake(self) -> None:
        """Call after a commit in this process; saves the poll's wait."""
        self._woken.set()

    async def run(self) -> None:
        """Until cancelled; what runs then is undone and left to others at once."""
        try:
            while True:
                claimed = 0
                try:
                    claimed = await self._start_due()
                except AWAY:
                    log.exception("no jobs claimed")
                if not claimed or len(self._running) == self._width:
                    await self._rest()
        finally:
            for task in self._running:
                task.cancel()
            await asyncio.gather(*self._running, return_exceptions=True)

    async def _rest(self) -> None:
        """Until a job ends, and with room for another also until woken or the next poll."""
        full = len(self._running) == self._width
        woken = asyncio.ensure_future(self._woken.wait())
        try:
            waited = self._running if full else {*self._running, woken}
            await asyncio.wait(waited, timeout=None if full else POLL_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        finally:
            woken.cancel()
        if not full:
            self._woken.clear()

    async def _start_due(self) -> int:
        named = {"lease": self._lease, "free": self._width - len(self._running), "kinds": list(self._kinds)}
        rows = await fetch(self._pool, CLAIM, **named)
        crash_point("job_after_claim")
        for row in rows:
            more: dict[str, Any] = {"calls": self._calls, "principals": self._principals, "lease": self._lease}
            job = Job(**{name: row[name] for name in _COLUMNS}, **more)
            task = asyncio.create_task(self._perform(job))
            self._running.add(task)
            task.add_done_callback(self._running.discard)
        return len(rows)

    async def _perform(self, job: Job) -> None:
        try:
            if job.silences > SILENCES:
                raise RuntimeError(f"{SILENCES} processes were lost under it")
            await self._work(job)
            crash_point("job_after_commit")
            self.done += 1
        except LeaseLost:
            log.info("lease lost", extra={"job": str(job.id)})
        except asyncio.CancelledError:
            await asyncio.shield(self._put_off(job, 0.0, failed=0, why="interrupted"))
            raise
        except Exception as error:
            await self._fail(job, error)

    async def _work(self, job: Job) -> None:
        kind = self._kinds[job.kind]
        request = kind.message.FromString(job.request)
        if kind.long:
            async with self._beating(job):
                await kind.work(job, request)
            await fetch(self._pool, END, id_=job.id, attempt=job.attempts)
            return
        async with job.hold(END) as call:
            await kind.work(call, request)
            crash_point("job_before_commit")

    @asynccontextmanager
    async def _beating(self, job: Job) -> AsyncIterator[None]:
        """Renew the lease while a long work is at it, also between its pieces."""
        beating = asyncio.create_task(self._beat(job))
        try:
            yield
        finally:
            beating.cancel()
            await asyncio.wait([beating])

    async def _beat(self, job: Job) -> None:
        while True:
            await asyncio.sleep(self._lease.total_seconds() / 3)
            with suppress(*AWAY):  # the next beat may get through
                await fetch(self._pool, BEAT, id_=job.id, attempt=job.attempts, lease=self._lease)

    async def _fail(self, job: Job, error: Exception) -> None:
        """Outages are waited out; whom a right was taken from is not asked again; anything else has its attempts."""
        why, failures = repr(error)[:500], job.failures + 1
        named = {"job": str(job.id), "kind": job.kind, "attempt": job.attempts, "why": why}
        if is_outage(error):
            log.warning("job waits for an outage to end", extra=named)
            await self._put_off(job, min(LONGEST_OUTAGE_SECONDS, 2.0 ** min(job.attempts - 1, 10)), failed=0, why=why)
        elif isinstance(error, PermissionDenied | Unauthenticated) or failures >= FAILURES or job.silences > SILENCES:
            log.error("job given up", exc_info=error, extra=named)
            self.given_up += 1
            await self._give_up(job, error, why)
        else:
            log.warning("job failed", exc_info=error, extra=named)
            self.failed += 1
            await self._put_off(job, min(LONGEST_WAIT_SECONDS, 2.0 ** (failures - 1)), failed=1, why=why)

    async def _give_up(self, job: Job, error: Exception, why: str) -> None:
        """Whoever waits for it is told in the same transaction, by the service: the setter may have lost the right."""
        kind = self._kinds[job.kind]
        if kind.given_up:
            told = str(error) if isinstance(error, Refusal) else f"something broke on our side (job {job.id})"
            try:
                async with self._calls.open(Caller.system(job.tenant_id, self._calls.service)) as call:
                    await job.take(call, GIVE_UP, why=why)
                    await kind.given_up(call, kind.message.FromString(job.request), told)
                return
            except LeaseLost:
                return
            except Exception as another:
                log.exception("nobody was told", extra={"job": str(job.id)})
                if is_outage(another):  # the lease runs out, and it is given up again
                    return
        await self._tell(job, GIVE_UP, why=why)

    async def _put_off(self, job: Job, seconds: float, failed: int, why: str) -> None:
        await self._tell(job, PUT_OFF, lease=timedelta(seconds=seconds), failed=failed, why=why)

    async def _tell(self, job: Job, statement: Statement, **more: object) -> None:
        try:
            await fetch(self._pool, statement, id_=job.id, attempt=job.attempts, **more)
        except AWAY:
            log.exception("the lease will run out instead", extra={"job": str(job.id)})
