"""A tenant's state as whoever runs the suite moves it, from outside the tenant."""

from dataclasses import replace

from chassis.call import Call
from chassis.errors import NotFound
from identity.authentication.candidates import NOBODY, tenant_of
from identity.doors import inside
from identity.tenant.tenant import TENANTS
from kith.identity.v1.tenant_pb2 import Tenant, TenantEventDetails


async def moved(call: Call, slug: str, state: Tenant.State.ValueType, verb: str, reason: str) -> Tenant:
    """In the tenant's own history it is the platform's doing. One that is there already stays as it is.

    Raises NotFound.
    """
    operator, tenant_id = call.caller.user_id, await tenant_of(call, slug)
    if tenant_id == NOBODY:
        raise NotFound(f"there is no tenant {slug}", noun=TENANTS.noun.permission, slug=slug)
    async with inside(call, tenant_id):
        call.caller = replace(call.caller, user_id=operator)
        tenant = await TENANTS.lock(call, str(tenant_id))
        if tenant.state == state:
            return tenant
        tenant.state = state
        return await TENANTS.save(call, tenant, verb=verb, details=TenantEventDetails(reason=reason))
