"""As whom an API key acts: a user or a service account, and never more than whoever makes or tells it may do."""

from uuid import UUID

from chassis.call import Call
from chassis.errors import Unauthenticated
from identity.api_key.rules import KeyEnded
from identity.principal.load import load
from identity.role.rules import refuse_wider
from kith.identity.v1.api_key_pb2 import ApiKey


def holder_of(key: ApiKey) -> UUID:
    return UUID(key.service_account_id or key.user_id)


async def refuse_stronger(call: Call, key: ApiKey) -> None:
    """Also for oneself: a program with a key of few scopes must not make, nor be told, one of more.

    Raises GrantTooWide, and KeyEnded where the holder may not call.
    """
    try:
        holder = await load(call.session, call.caller.tenant_id, holder_of(key), scopes=[*key.scopes])
    except Unauthenticated:
        raise KeyEnded("whoever it acts as may not call", id=key.id) from None
    refuse_wider(call.caller, holder.grants, holder.denied)
