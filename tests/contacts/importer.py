"""A process of its own that runs the jobs of contacts until none is left, or until it is killed."""

import asyncio
import sys
from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, select

from chassis.access.caller import Caller, Reach
from chassis.call import Means
from chassis.calls import Calls
from chassis.database.session import Database
from chassis.database.statement import Statement
from chassis.database.worker import fetch, open_pool
from chassis.jobs.job_table import JOB
from chassis.jobs.runner import Runner
from chassis.testing.data_keys import made_up
from contacts.app import SERVICE

LEFT = Statement(select(func.count().label("rows")).where(JOB.c.end_time.is_(None)))


async def main(app: str, worker: str) -> None:
    async def principal(tenant_id: UUID, user_id: UUID, api_key_id: UUID | None) -> Caller:
        return Caller(tenant_id, user_id, {"contacts.*": Reach.OWN})

    database, pool = await Database.open(app), await open_pool(worker)
    runner = Runner(
        Calls("contacts", database, Means(data_keys=made_up())), pool, principal, SERVICE.kinds, timedelta(seconds=1)
    )
    task = asyncio.create_task(runner.run())
    while (await fetch(pool, LEFT))[0]["rows"]:  # noqa: ASYNC110  # other processes make it
        await asyncio.sleep(0.05)
    task.cancel()


asyncio.run(main(*sys.argv[1:]))
