"""The case that opens by itself when an opportunity is won, once an opportunity."""

from uuid import UUID

from sqlalchemy import Column, MetaData, Table, Text, Uuid, bindparam
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.schema import PrimaryKeyConstraint

from chassis.call import Call
from chassis.database.statement import Statement
from chassis.database.walls import wall
from chassis.ids import new_id
from kith.sales.v1.opportunity_pb2 import Opportunity
from kith.service_desk.v1.case_pb2 import Case
from service_desk.case import rules
from service_desk.case.create import open_case

METADATA = MetaData()
# What was opened for what. Not a key on cases: people may open more of them by hand, and put the first one away.
OPENED = wall(
    Table(
        "opened_case",
        METADATA,
        Column("tenant_id", Uuid),
        Column("opportunity_id", Uuid),
        Column("kind", Text),
        Column("case_id", Uuid, nullable=False),
        PrimaryKeyConstraint("tenant_id", "opportunity_id", "kind", name="pk_opened_case__opportunity_id"),
    )
)
_TENANT = bindparam("caller_tenant", type_=Uuid)
_given = {name: bindparam(name, type_=OPENED.c[name].type) for name in ("opportunity_id", "kind", "case_id")}
_OPEN = Statement(
    insert(OPENED).values(tenant_id=_TENANT, **_given).on_conflict_do_nothing().returning(OPENED.c.case_id)
)
KIND = Case.Type.Name(Case.ONBOARDING)


async def open_onboarding(call: Call, opportunity: Opportunity) -> Case | None:
    """None where it was opened before: also for another event, or for a win after a win that was taken back.

    Twins wait for each other. Whoever sold answers for it until it is assigned; the queue's team works on it.
    """
    case_id = new_id()
    if not await call.fetch(_OPEN, {"opportunity_id": UUID(opportunity.id), "kind": KIND, "case_id": case_id}):
        return None
    case = Case(
        display_name=rules.onboarding_name(opportunity.display_name),
        account_id=opportunity.account_id,
        contact_id=opportunity.contact_id,
        opportunity_id=opportunity.id,
        type=Case.ONBOARDING,
        channel=Case.INTERNAL,
        owner_id=opportunity.owner_id,
        team_id=opportunity.team_id,
    )
    return await open_case(call, case, id=str(case_id))
