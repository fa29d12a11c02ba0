"""The job process of an import: runs what is due until nothing is, then prints its seconds and its largest memory."""

import asyncio
import resource
import sys
import time
from uuid import UUID

import uvloop
from sqlalchemy import func, select

from bench.authority import Known
from chassis.access.caller import Caller
from chassis.call import Means
from chassis.calls import Calls
from chassis.database.session import Database
from chassis.database.statement import Statement
from chassis.database.worker import fetch, open_pool
from chassis.jobs.job_table import JOB
from chassis.jobs.runner import Runner
from chassis.memory import settle
from chassis.testing.data_keys import made_up
from contacts.app import SERVICE

LEFT = Statement(select(func.count().label("rows")).where(JOB.c.end_time.is_(None)))


async def principal(tenant_id: UUID, user_id: UUID, api_key_id: UUID | None) -> Caller:
    return await Known().principal(tenant_id, user_id, None)


async def work(app: str, worker: str) -> None:
    database, pool = await Database.open(app, 4), await open_pool(worker, 2)
    runner = Runner(Calls(SERVICE.name, database, Means(data_keys=made_up())), pool, principal, SERVICE.kinds)
    settle()
    began = time.perf_counter()
    task = asyncio.create_task(runner.run())
    while (await fetch(pool, LEFT))[0]["rows"]:  # noqa: ASYNC110  # its own work, seen in its database
        await asyncio.sleep(0.05)
    seconds = time.perf_counter() - began
    task.cancel()
    sys.stdout.write(f"{seconds} {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}\n")


if __name__ == "__main__":
    uvloop.run(work(*sys.argv[1:]))
