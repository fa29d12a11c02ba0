"""The mails that identity sends, carried to a list in the test's own process."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage

from chassis.database.worker import open_pool
from chassis.jobs.runner import Runner
from identity.app import SERVICE
from tests.identity.suite import World, until

LINK = re.compile(r"^(\S+)/(\S+)#(\S+)$", re.MULTILINE)
SECONDS = 60.0  # for a job to be done, however busy the machine is
WAITS = "select count(*) from job where end_time is null"


@dataclass
class Letters:
    world: World
    all: list[EmailMessage] = field(default_factory=list)

    async def to(self, address: str) -> list[EmailMessage]:
        """Everything sent there, once nothing waits any more."""

        async def nothing_waits() -> bool:
            return not await self.world.admin.fetchval(WAITS)

        await until(nothing_waits, SECONDS)
        return [one for one in self.all if one["To"] == address]

    async def link(self, address: str) -> tuple[str, str, str]:
        """Of the last mail there: host, page and token."""
        found = LINK.search((await self.to(address))[-1].get_content())
        assert found, "no link in it"
        host, page, token = found.groups()
        return host, page, token

    async def token(self, address: str) -> str:
        return (await self.link(address))[2]


@asynccontextmanager
async def carrying(world: World) -> AsyncIterator[Letters]:
    """Jobs are run for as long as the block lasts."""
    letters, authority = Letters(world), world.replica.authority

    async def keep(message: EmailMessage) -> None:
        letters.all.append(message)

    authority.post.deliver = keep
    pool = await open_pool(world.urls.worker, 2)
    runner = Runner(world.replica.calls, pool, lambda t, u, k: authority.principal(t, u, None, k), SERVICE.kinds)
    task = asyncio.create_task(runner.run())
    try:
        yield letters
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await pool.close()
