"""Lets the people of a suspended tenant work again."""

from chassis.call import Call
from identity.tenant.life import moved
from kith.identity.v1.tenant_pb2 import ResumeTenantRequest, Tenant


async def resume_tenant(call: Call, request: ResumeTenantRequest) -> Tenant:
    """Raises NotFound."""
    return await moved(call, request.slug, Tenant.ACTIVE, "resumed", request.reason)
