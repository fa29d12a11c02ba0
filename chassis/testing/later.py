"""What happens by itself, made to happen now: events as from the bus, and jobs as they fall due."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID

from google.protobuf.message import Message

from chassis.access.caller import Caller
from chassis.database.worker import open_pool
from chassis.errors import Unauthenticated
from chassis.events.cloud_event import Event
from chassis.ids import new_id
from chassis.jobs.runner import Runner
from chassis.testing.serving import Served

LONGEST_SECONDS = 30


def event_of(tenant_id: UUID, what: str, message: Message, sequence: int = 1, at: datetime | None = None) -> Event:
    """`what` is `sales.opportunity.won`; the message says of which record. Its id is new each time."""
    message.verb = what.rpartition(".")[2]  # type: ignore[attr-defined]  # every event message has it
    record: str = message.after.id  # type: ignore[attr-defined]  # and the record as it is since
    time = at or datetime.now(UTC)
    return Event(new_id(), f"kith.{what}.v1", tenant_id, UUID(record), sequence, time, "", message.SerializeToString())


async def jobs_done(served: Served, ahead: timedelta = timedelta()) -> None:
    """Run what is due, and what falls due within `ahead`, and what that sets in turn. Raises AssertionError for a job
    that failed."""
    worker = await open_pool(served.urls.worker, 2)

    async def principals(tenant_id: UUID, user_id: UUID, api_key_id: UUID | None) -> Caller:
        for one in served.people.values():
            if (one.tenant_id, one.user_id) == (tenant_id, user_id):
                return one
        raise Unauthenticated("nobody known by this id")

    runner = Runner(served.calls, worker, principals, served.service.kinds)
    running = asyncio.create_task(runner.run())
    until = datetime.now(UTC) + ahead
    try:
        async with asyncio.timeout(LONGEST_SECONDS):
            while await served.admin.fetchval(_LEFT, until):
                await served.admin.execute(_HURRY, until)
                await asyncio.sleep(0.01)
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await worker.close()
    failed = await served.admin.fetch("select kind, failure from job where failure <> ''")
    assert not failed, failed


_LEFT = "select count(*) from job where end_time is null and failure = '' and (due_time <= $1 or attempts > 0)"
_HURRY = "update job set due_time = now() where end_time is null and attempts = 0 and due_time between now() and $1"
