"""A tag goes, and comes off everything that has it."""

from typing import Any

from sqlalchemy import Select, Uuid, bindparam, select, type_coerce
from sqlalchemy.dialects.postgresql import ARRAY

from chassis.access.caller import Reach
from chassis.call import Call
from chassis.events.outbox import BULK
from chassis.jobs.jobs import Job
from chassis.resource.resource import Resource
from chassis.resource.standard import standard
from contacts.account.account import ACCOUNTS
from contacts.contact.contact import CONTACTS
from contacts.service_call import as_service
from contacts.tag.tag import TAGS
from kith.contacts.v1.tag_pb2 import DeleteTagRequest, Tag

AT_ONCE = 100  # records a transaction
_delete = standard(TAGS, "DeleteTag")


async def delete_tag(call: Call, request: DeleteTagRequest) -> Tag:
    """Put it away at once; a job takes it off accounts and contacts, each with its history. Undeleting it brings back
    the tag, not where it was."""
    tag = await _delete(call, request)
    await as_service(call).schedule(take_off, DeleteTagRequest(id=tag.id))
    return tag


async def take_off(job: Job, request: DeleteTagRequest) -> None:
    """Off whatever still has it; a killed run goes on with what is left."""
    tagged: tuple[Resource[Any], ...] = (ACCOUNTS, CONTACTS)
    for resource in tagged:
        left = AT_ONCE
        while left == AT_ONCE:
            async with job.piece(BULK) as call:
                left = await _some(call, resource, request.id)


async def _some(call: Call, resource: Resource[Any], tag_id: str) -> int:
    rows = await call.ask(("tagged", resource.noun.permission), lambda: _with_tag(resource), {"tags": [tag_id]})
    for row in rows:
        record = await resource.lock(call, str(row["id"]))
        record.tag_ids[:] = [one for one in record.tag_ids if one != tag_id]
        await resource.save(call, record)
    return len(rows)


def _with_tag(resource: Resource[Any]) -> Select[Any]:
    table = resource.table
    tags = type_coerce(table.c.tag_ids, ARRAY(Uuid))
    theirs = tags.contains(bindparam("tags", type_=ARRAY(Uuid))), table.c.delete_time.is_(None)
    return select(table.c.id).where(resource.within(Reach.TENANT), *theirs).order_by(table.c.id).limit(AT_ONCE)
