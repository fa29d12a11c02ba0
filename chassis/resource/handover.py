"""Whoever leaves, leaves nothing behind: all records of a user, whatever their noun, go to a successor or a team."""

from typing import Any

from sqlalchemy import Select, Uuid, bindparam, select

from chassis.access.caller import Reach
from chassis.call import Call
from chassis.jobs.jobs import Job
from chassis.resource.references import RESOURCES
from chassis.resource.resource import Resource
from chassis.resource.sharing import end_shares
from kith.v1.handover_pb2 import Handover

AT_ONCE = 100  # records a transaction


def handover_of(user: Any) -> Handover:
    """What is to be done with what a deactivated user leaves, as identity's event tells of them."""
    return Handover(from_user_id=user.id, to_user_id=user.successor_id, to_team_id=user.holding_team_id)


async def hand_over(job: Job, request: Handover) -> None:
    """Transfer one by one, so that each has its event and its history; a killed run goes on with what is left.

    To a successor the records go with the team they have: they stay with the people who know them until somebody
    decides otherwise. A team that holds them gets them as its own; where nobody takes over they are nobody's until
    somebody of it does.
    """
    await take_shares(job, request)
    for resource in [one for one in RESOURCES.values() if is_handed_over(one, job.calls.service)]:
        left = AT_ONCE
        while left == AT_ONCE:
            async with job.piece() as call:
                left = await _some(call, resource, request)


async def take_shares(job: Job, request: Handover) -> None:
    """What was shared with who leaves is shared with them no more; it is nothing a successor inherits."""
    service = job.calls.service
    mine = {
        name: one for name, one in RESOURCES.items() if one.noun.service == service and "unshared" in one.noun.verbs
    }
    left = AT_ONCE
    while left == AT_ONCE:
        async with job.piece() as call:
            left = await end_shares(call, mine, request.from_user_id, AT_ONCE)


def is_handed_over(resource: Resource[Any], service: str) -> bool:
    return resource.noun.service == service and resource.noun.owned and not resource.noun.options.journal


async def _some(call: Call, resource: Resource[Any], request: Handover) -> int:
    shape = "handed over", resource.noun.permission
    rows = await call.ask(shape, lambda: _of_user(resource), {"from_user": request.from_user_id})
    for row in rows:
        record = await resource.get(call, str(row["id"]))
        owner = request.to_user_id or str(call.caller.user_id)  # this service's own id: nobody's
        await resource.transfer(call, record.id, owner, request.to_team_id or record.team_id)
    return len(rows)


def _of_user(resource: Resource[Any]) -> Select[Any]:
    table = resource.table
    theirs = resource.within(Reach.TENANT), table.c.owner_id == bindparam("from_user", type_=Uuid)
    return select(table.c.id).where(*theirs, table.c.delete_time.is_(None)).order_by(table.c.id).limit(AT_ONCE)
