"""What a tenant is; its own id is the tenant of everything in it."""

from sqlalchemy import Index, Uuid, bindparam, select

from chassis.call import Call
from chassis.database.statement import Statement
from chassis.resource.noun import noun_table
from chassis.resource.resource import Resource
from identity.doors import door, overseen
from identity.tenant import rules
from kith.identity.v1.tenant_pb2 import Tenant

table = overseen(door(noun_table(Tenant, Index("uq_tenant__slug", "slug", unique=True)), "slug"))
TENANTS = Resource(Tenant, table, defaults=Tenant(state=Tenant.ACTIVE), check=rules.check)

_LOCK = Statement(
    select(table.c.id).where(table.c.tenant_id == bindparam("caller_tenant", type_=Uuid)).with_for_update()
)


async def hold_tenant(call: Call) -> None:
    """Until the call ends no other one changes who may do what, or the shape of the team tree, in this tenant."""
    await call.fetch(_LOCK, {})
