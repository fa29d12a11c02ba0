"""Tells the suite's services what a tenant's sensitive fields are sealed with."""

from uuid import UUID

from chassis.call import Call
from identity.doors import inside
from identity.tenant.data_keys import data_keys
from kith.identity.v1.authentication_pb2 import GetDataKeysRequest, GetDataKeysResponse


async def get_data_keys(call: Call, request: GetDataKeysRequest) -> GetDataKeysResponse:
    """The first is made here. Raises NotFound."""
    async with inside(call, UUID(request.tenant_id)):
        return await data_keys(call)
