"""Keeps everybody of a tenant out until it is resumed."""

from chassis.call import Call
from identity.tenant.life import moved
from kith.identity.v1.tenant_pb2 import SuspendTenantRequest, Tenant


async def suspend_tenant(call: Call, request: SuspendTenantRequest) -> Tenant:
    """The trigger on the row tells every process. Raises NotFound."""
    return await moved(call, request.slug, Tenant.SUSPENDED, "suspended", request.reason)
