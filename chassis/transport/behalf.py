"""Tokens to work with on somebody's behalf: got from identity for this service's own key (RFC 8693), kept a while."""

from collections.abc import Awaitable, Callable
from typing import TypeAlias
from uuid import UUID

from chassis.access.cache import Cache
from chassis.clock import now
from kith.identity.v1.authentication_pb2 import ExchangeTokenRequest, ExchangeTokenResponse

RENEWED_SECONDS = 45.0  # before the end: longer than a call may take, so that none begins with a token that ends in it

# A tenant, and a user of it; None: the service itself, with every permission in that tenant.
Behalf: TypeAlias = tuple[UUID, UUID | None]
Exchange: TypeAlias = Callable[[ExchangeTokenRequest], Awaitable[ExchangeTokenResponse]]


class BehalfTokens:
    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._kept: Cache[Behalf, tuple[str, float]] = Cache()

    async def get(self, behalf: Behalf) -> str:
        """Raises what identity refuses with, such as Unauthenticated for a user who was deactivated."""
        token, until = self._kept.get(behalf) or ("", 0.0)
        if until > now().timestamp():
            return token
        tenant_id, user_id = behalf
        request = ExchangeTokenRequest(tenant_id=str(tenant_id), user_id=str(user_id) if user_id else "")
        answer = await self._exchange(request)
        until = answer.access_token_expire_time.seconds - RENEWED_SECONDS
        self._kept.put(behalf, (answer.access_token, until))
        return answer.access_token

    def forget(self, behalf: Behalf) -> None:
        """A neighbour did not take it; the next call asks for another."""
        self._kept.pop(behalf)
