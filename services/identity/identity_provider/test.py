"""Asks an identity provider for what it publishes."""

from chassis.call import Call
from identity.authority import authority_of
from identity.identity_provider import rules
from identity.identity_provider.identity_provider import IDENTITY_PROVIDERS
from kith.identity.v1.identity_provider_pb2 import IdentityProvider, TestIdentityProviderRequest


async def test_identity_provider(call: Call, request: TestIdentityProviderRequest) -> IdentityProvider:
    """Asked outside any transaction, and nothing of what it answered is passed on.

    Raises ProviderUnreachable, ProviderUnfit.
    """
    provider = await IDENTITY_PROVIDERS.lock(call, request.id, etag=request.etag)
    await call.session.finish(commit=False)
    await authority_of(call).openid.test(provider.issuer)
    await call.session.begin()
    provider = await IDENTITY_PROVIDERS.lock(call, request.id, etag=request.etag)
    rules.passed(provider)
    provider.test_time.FromDatetime(call.now)
    return await IDENTITY_PROVIDERS.save(call, provider, verb="tested")
