"""What a service account is."""

from uuid import UUID

from sqlalchemy import Uuid, bindparam, select

from chassis.call import Call
from chassis.database.statement import Statement
from chassis.resource.noun import noun_table
from chassis.resource.resource import Resource
from kith.identity.v1.service_account_pb2 import ServiceAccount

table = noun_table(ServiceAccount)
SERVICE_ACCOUNTS = Resource(ServiceAccount, table, defaults=ServiceAccount(state=ServiceAccount.ACTIVE))
_IS_ONE = Statement(
    select(table.c.id).where(
        table.c.tenant_id == bindparam("caller_tenant", type_=Uuid), table.c.id == bindparam("id", type_=Uuid)
    )
)


async def is_service_account(call: Call, id: UUID) -> bool:
    """Whether that is whose id it is, and not a user's."""
    return bool(await call.fetch(_IS_ONE, {"id": id}))
