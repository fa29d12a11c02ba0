"""Jobs of a served contacts, run until none is left; and files taken in by them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

from chassis.access.caller import Caller
from chassis.database.worker import open_pool
from chassis.errors import PermissionDenied
from chassis.jobs.runner import Runner
from chassis.testing.serving import Served
from kith.contacts.v1.contact_pb2 import Contact
from kith.contacts.v1.import_job_pb2 import ImportJob, ImportRowError

SECONDS = 60


@asynccontextmanager
async def working(office: Served) -> AsyncIterator[Runner]:
    """A runner beside the service, for as long as the block lasts."""

    async def principal(tenant_id: UUID, user_id: UUID, api_key_id: UUID | None) -> Caller:
        for caller in office.people.values():
            if (caller.tenant_id, caller.user_id) == (tenant_id, user_id):
                return caller
        raise PermissionDenied("nobody known by this id")

    pool = await open_pool(office.urls.worker)
    runner = Runner(office.calls, pool, principal, office.service.kinds)
    task = asyncio.create_task(runner.run())
    try:
        yield runner
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await pool.close()


async def settle(office: Served) -> None:
    """Run what is due until nothing is."""
    async with working(office), asyncio.timeout(SECONDS):
        while await office.admin.fetchval("select count(*) from job where end_time is null"):  # noqa: ASYNC110  # rows
            await asyncio.sleep(0.01)


async def uploaded(office: Served, content: bytes, user: str = "rep", **fields: Any) -> ImportJob:
    job: ImportJob = await office.as_(user).CreateImportJob(
        import_job={"noun": "contacts.contact", "file_name": "cards.csv"} | fields, content=content
    )
    return job


async def taken_in(office: Served, content: bytes, user: str = "rep", **fields: Any) -> ImportJob:
    """Upload, analyse, run, and the job as it ended."""
    client = office.as_(user)
    job = await uploaded(office, content, user, **fields)
    await client.AnalyseImport(id=job.id)
    await client.StartImport(id=job.id)
    await settle(office)
    ended: ImportJob = await client.GetImportJob(id=job.id)
    return ended


async def errors(office: Served, job: ImportJob, user: str = "rep") -> list[ImportRowError]:
    return list((await office.as_(user).ListImportErrors(id=job.id, page_size=200)).errors)


def counts(job: ImportJob) -> tuple[int, int, int, int]:
    """Created, updated, unchanged, rejected."""
    progress = job.progress
    return progress.created, progress.updated, progress.unchanged, progress.rejected


async def contacts(office: Served, user: str = "rep") -> list[Contact]:
    return list((await office.as_(user).ListContacts(page_size=200, order_by="create_time, id")).contacts)
