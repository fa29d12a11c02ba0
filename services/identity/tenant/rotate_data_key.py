"""Gives a tenant another key to seal sensitive fields with."""

from chassis.audit.record import recorded
from chassis.call import Call
from identity.tenant.data_keys import add_data_key
from identity.tenant.tenant import TENANTS
from kith.identity.v1.tenant_pb2 import RotateDataKeyRequest, Tenant


async def rotate_data_key(call: Call, request: RotateDataKeyRequest) -> Tenant:
    """Raises NotFound."""
    tenant = await TENANTS.get(call, request.id)
    await add_data_key(call)
    await recorded(call, "key_rotated", TENANTS.noun.permission, [tenant.id])
    return tenant
