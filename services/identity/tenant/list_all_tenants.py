"""All tenants there are, for whoever runs the suite: how they stand and how large they are."""

from typing import Any

from sqlalchemy import BigInteger, Text, Uuid, bindparam, func, select

from chassis.call import Call
from chassis.database.statement import Statement
from identity.doors import enter, oversee
from identity.tenant.tenant import table as tenants
from identity.user.user import table as users
from kith.identity.v1.tenant_pb2 import ListAllTenantsRequest, ListAllTenantsResponse, TenantSummary
from kith.identity.v1.user_pb2 import User

FEW, MOST = 50, 200
_PAGE = Statement(
    select(tenants.c.id, tenants.c.slug, tenants.c.display_name, tenants.c.state, tenants.c.create_time)
    .where(tenants.c.slug > bindparam("after", type_=Text), tenants.c.delete_time.is_(None))
    .order_by(tenants.c.slug)
    .limit(bindparam("limit", type_=BigInteger))
)
_PEOPLE = Statement(
    select(func.count().label("people"))
    .select_from(users)
    .where(
        users.c.tenant_id == bindparam("tenant", type_=Uuid),
        users.c.state != User.State.Name(User.DEACTIVATED),
        users.c.delete_time.is_(None),
    )
)


async def list_all_tenants(call: Call, request: ListAllTenantsRequest) -> ListAllTenantsResponse:
    """People are counted from within each tenant: no policy shows users to whoever is in none."""
    size = min(request.page_size or FEW, MOST)
    await oversee(call.session)
    rows = await call.fetch(_PAGE, {"after": request.page_token, "limit": size + 1})
    reply = ListAllTenantsResponse(tenants=[await _summary(call, row) for row in rows[:size]])
    if len(rows) > size:
        reply.next_page_token = reply.tenants[-1].slug
    return reply


async def _summary(call: Call, row: Any) -> TenantSummary:
    await enter(call.session, row["id"])
    ((people,),) = await call.fetch(_PEOPLE, {"tenant": row["id"]})
    found = TenantSummary(
        id=str(row["id"]), slug=row["slug"], display_name=row["display_name"], state=row["state"], users=people
    )
    found.create_time.FromDatetime(row["create_time"])
    return found
