"""All facts of a tenant drawn again from what is known."""

from uuid import UUID

from google.protobuf.empty_pb2 import Empty

from chassis.events.outbox import BULK
from chassis.jobs.jobs import Job
from marketing import holds
from marketing.contact_fact.refresh import refresh_some
from marketing.segment.follow import follow
from marketing.tenant import as_tenant

CAUSE = "refreshed"


async def refresh_facts(job: Job, _: Empty) -> None:
    """In pieces; a killed run begins again, which changes nothing twice."""
    after: UUID | None = UUID(int=0)
    while after is not None:
        async with job.piece(BULK) as call:
            service = await as_tenant(call)
            await holds.segments_shared(service)
            facts, after = await refresh_some(service, after)
            await follow(service, facts, CAUSE)
