"""Ends an API key everywhere, within seconds."""

from uuid import UUID

from sqlalchemy import Uuid, bindparam, select

from chassis.call import Call
from chassis.database.statement import Statement
from identity.api_key.api_key import API_KEYS, table
from identity.doors import consequences
from kith.identity.v1.api_key_pb2 import ApiKey, RevokeApiKeyRequest

_ACTIVE = Statement(
    select(table.c.id)
    .where(
        table.c.tenant_id == bindparam("caller_tenant", type_=Uuid),
        table.c.user_id == bindparam("user", type_=Uuid),
        table.c.state == ApiKey.State.Name(ApiKey.ACTIVE),
    )
    .order_by(table.c.id)
)


async def revoke_api_key(call: Call, request: RevokeApiKeyRequest) -> ApiKey:
    return await _revoke(call, request.id, request.etag)


async def revoke_api_keys(call: Call, user_id: str) -> None:
    """All of a user's, when they leave."""
    with consequences(call):
        for row in await call.fetch(_ACTIVE, {"user": UUID(user_id)}):
            await _revoke(call, str(row["id"]))


async def _revoke(call: Call, id: str, etag: str = "") -> ApiKey:
    key = await API_KEYS.lock(call, id, etag=etag)
    key.state = ApiKey.REVOKED
    return await API_KEYS.save(call, key, verb="revoked")
