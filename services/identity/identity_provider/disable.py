"""Lets nobody sign in by an identity provider any more."""

from chassis.call import Call
from identity.identity_provider import rules
from identity.identity_provider.identity_provider import IDENTITY_PROVIDERS
from kith.identity.v1.identity_provider_pb2 import DisableIdentityProviderRequest, IdentityProvider


async def disable_identity_provider(call: Call, request: DisableIdentityProviderRequest) -> IdentityProvider:
    """Sessions that were opened by it go on: they are the user's, and ended as such."""
    provider = await IDENTITY_PROVIDERS.lock(call, request.id, etag=request.etag)
    rules.disable(provider)
    return await IDENTITY_PROVIDERS.save(call, provider, verb="disabled")
