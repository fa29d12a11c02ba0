"""Lets people sign in by an identity provider."""

from chassis.call import Call
from identity.identity_provider import rules
from identity.identity_provider.identity_provider import IDENTITY_PROVIDERS
from kith.identity.v1.identity_provider_pb2 import EnableIdentityProviderRequest, IdentityProvider


async def enable_identity_provider(call: Call, request: EnableIdentityProviderRequest) -> IdentityProvider:
    """Raises ProviderNotTested."""
    provider = await IDENTITY_PROVIDERS.lock(call, request.id, etag=request.etag)
    rules.enable(provider)
    return await IDENTITY_PROVIDERS.save(call, provider, verb="enabled")
