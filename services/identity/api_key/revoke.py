"""Ends an API key everywhere, within seconds."""

from uuid import UUID

from sqlalchemy import Uuid, bindparam, or_, select

from chassis.call import Call
from chassis.database.statement import Statement
from identity.api_key.api_key import API_KEYS, table
from identity.doors import consequences
from kith.identity.v1.api_key_pb2 import ApiKey, RevokeApiKeyRequest

_HOLDER = bindparam("holder", type_=Uuid)
_WORKING = Statement(
    select(table.c.id)
    .where(
        table.c.tenant_id == bindparam("caller_tenant", type_=Uuid),
        or_(table.c.user_id == _HOLDER, table.c.service_account_id == _HOLDER),
        table.c.state != ApiKey.State.Name(ApiKey.REVOKED),
    )
    .order_by(table.c.id)
)


async def revoke_api_key(call: Call, request: RevokeApiKeyRequest) -> ApiKey:
    return await _revoke(call, request.id, request.etag)


async def revoke_api_keys(call: Call, holder_id: str) -> None:
    """All of a user's, or a service account's, when they leave."""
    with consequences(call):
        for row in await call.fetch(_WORKING, {"holder": UUID(holder_id)}):
            await _revoke(call, str(row["id"]))


async def _revoke(call: Call, id: str, etag: str = "") -> ApiKey:
    key = await API_KEYS.lock(call, id, etag=etag)
    key.state = ApiKey.REVOKED
    key.ClearField("previous_secret_end_time")
    return await API_KEYS.save(call, key, verb="revoked")
