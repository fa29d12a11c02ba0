"""The cases of somebody who leaves go to who can work on them."""

from typing import Any
from uuid import UUID

from sqlalchemy import Integer, Select, Uuid, bindparam, select

from chassis.access.caller import Reach
from chassis.call import Call
from chassis.errors import NotFound, PermissionDenied, Unauthenticated
from chassis.jobs.jobs import Job
from chassis.resource.handover import take_shares
from kith.service_desk.v1.case_pb2 import Case
from kith.v1.handover_pb2 import Handover
from service_desk.case import rules
from service_desk.case.case import CASES
from service_desk.queue.queue import QUEUES

AT_ONCE = 100  # cases a transaction
WORK = "service_desk.case.reply"


async def hand_over_cases(job: Job, request: Handover) -> None:
    """One by one, so that each has its event; a killed run goes on with what is left.

    To the successor if they work on cases, and else, as nobody's, to the team that serves the case's queue or that
    holds what was left.
    """
    await take_shares(job, request)
    at_work = bool(request.to_user_id) and await _works_on_cases(job, request.to_user_id)
    left = AT_ONCE
    while left == AT_ONCE:
        async with job.piece() as call:
            left = await _some(call, request, at_work=at_work)


async def _works_on_cases(job: Job, user_id: str) -> bool:
    try:
        (await job.principals(job.tenant_id, UUID(user_id), None)).reach(WORK)
    except (PermissionDenied, Unauthenticated, NotFound):
        return False
    return True


async def _some(call: Call, request: Handover, *, at_work: bool) -> int:
    rows = await call.ask("cases of a user", _of_user, {"from_user": request.from_user_id, "at_once": AT_ONCE})
    for row in rows:
        case = await CASES.lock(call, str(row["id"]))
        team, nobody = await _serving_team(call, case) or request.to_team_id, str(call.caller.user_id)
        rules.hand_over(case, request.to_user_id or nobody, team, nobody=nobody, at_work=at_work)
        await CASES.save(call, case, verb="transferred")
    return len(rows)


async def _serving_team(call: Call, case: Case) -> str:
    return (await QUEUES.get(call, case.queue_id, deleted=True)).serving_team_id if case.queue_id else ""


def _of_user() -> Select[Any]:
    table = CASES.table
    theirs = CASES.within(Reach.TENANT), table.c.owner_id == bindparam("from_user", type_=Uuid)
    living = select(table.c.id).where(*theirs, table.c.delete_time.is_(None))
    return living.order_by(table.c.id).limit(bindparam("at_once", type_=Integer))
