"""Tells who is not signed in which ways in a tenant has."""

from uuid import UUID

from sqlalchemy import Text, Uuid, bindparam, select

from chassis.call import Call
from chassis.database.statement import Statement
from identity.doors import inside, show
from identity.identity_provider.identity_provider import table
from identity.tenant.tenant import table as tenants
from kith.identity.v1.identity_provider_pb2 import IdentityProvider
from kith.identity.v1.single_sign_on_pb2 import FindIdentityProvidersRequest, FindIdentityProvidersResponse

MOST = 50
_BY_SLUG = Statement(
    select(tenants.c.id).where(tenants.c.slug == bindparam("slug", type_=Text), tenants.c.delete_time.is_(None))
)
_ENABLED = Statement(
    select(table.c.id, table.c.display_name)
    .where(
        table.c.tenant_id == bindparam("caller_tenant", type_=Uuid),
        table.c.state == IdentityProvider.State.Name(IdentityProvider.ENABLED),
        table.c.delete_time.is_(None),
    )
    .order_by(table.c.display_name, table.c.id)
    .limit(MOST)
)


async def find_identity_providers(call: Call, request: FindIdentityProvidersRequest) -> FindIdentityProvidersResponse:
    """A tenant that is not there has none, as one that has none."""
    await show(call.session, request.tenant_slug)
    found = await call.fetch(_BY_SLUG, {"slug": request.tenant_slug})
    reply = FindIdentityProvidersResponse()
    async with inside(call, found[0]["id"] if found else UUID(int=0)):
        for row in await call.fetch(_ENABLED, {}):
            reply.identity_providers.add(id=str(row["id"]), display_name=row["display_name"])
    return reply
