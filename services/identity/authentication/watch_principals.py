"""Tells of each principal that changed, for as long as the caller listens."""

from collections.abc import AsyncIterator

from chassis.access.watch import Withdrawn
from chassis.call import Call
from identity.authority import authority_of
from kith.identity.v1.authentication_pb2 import WatchPrincipalsRequest, WatchPrincipalsResponse


async def watch_principals(call: Call, request: WatchPrincipalsRequest) -> AsyncIterator[WatchPrincipalsResponse]:
    """Raises Unavailable when changes cannot be read, so that the caller knows what it may have missed."""
    async for change in authority_of(call).changes.listen():
        if isinstance(change, Withdrawn):
            yield WatchPrincipalsResponse(withdrawn_kid=change.kid)
            continue
        tenant_id, user_id = change or (None, None)
        yield WatchPrincipalsResponse(tenant_id=str(tenant_id or ""), user_id=str(user_id or ""))
