"""Gives, or takes away, the secret that a provider knows us by."""

from chassis.call import Call
from identity.identity_provider.client_secret import keep_secret
from identity.identity_provider.identity_provider import IDENTITY_PROVIDERS
from kith.identity.v1.identity_provider_pb2 import IdentityProvider, SetClientSecretRequest


async def set_client_secret(call: Call, request: SetClientSecretRequest) -> IdentityProvider:
    """No request_id: its content is kept as a digest, and a secret is not to be kept in any form but sealed."""
    provider = await IDENTITY_PROVIDERS.lock(call, request.id, etag=request.etag)
    provider.ClearField("client_secret_time")
    if request.client_secret:
        provider.client_secret_time.FromDatetime(call.now)
    await keep_secret(call, provider.id, request.client_secret)
    return await IDENTITY_PROVIDERS.save(call, provider, verb="client_secret_set")
