"""Begins a sign-in by an identity provider, and the linking of who is signed in already."""

from urllib.parse import urlencode
from uuid import UUID

from sqlalchemy import Uuid, bindparam, select

from chassis.call import Call
from chassis.database.statement import Statement
from chassis.errors import NotFound
from identity.authority import authority_of
from identity.doors import inside, show
from identity.identity_provider import rules
from identity.identity_provider.identity_provider import IDENTITY_PROVIDERS, table
from identity.single_sign_on.attempts import Attempt, begin
from kith.identity.v1.single_sign_on_pb2 import LinkIdentityRequest, StartSsoRequest, StartSsoResponse

CALLBACK = "/v1/session/sso/callback"
_TENANT_OF = Statement(
    select(table.c.tenant_id).where(table.c.id == bindparam("provider", type_=Uuid), table.c.delete_time.is_(None))
)


async def start_sso(call: Call, request: StartSsoRequest) -> StartSsoResponse:
    """Raises NotFound, ProviderNotEnabled, ProviderUnreachable, ProviderUnfit."""
    provider_id = UUID(request.identity_provider_id)
    await show(call.session, str(provider_id))
    found = await call.fetch(_TENANT_OF, {"provider": provider_id})
    if not found:
        raise NotFound("there is no such identity provider")
    return await _begun(call, Attempt(found[0]["tenant_id"], provider_id, request.return_path or "/"))


async def link_identity(call: Call, request: LinkIdentityRequest) -> StartSsoResponse:
    """By the session it is asked in, which has to be open still when the provider answers."""
    links = call.caller.user_id, call.caller.session_id
    provider_id = UUID(request.identity_provider_id)
    return await _begun(call, Attempt(call.caller.tenant_id, provider_id, request.return_path or "/", links))


async def _begun(call: Call, attempt: Attempt) -> StartSsoResponse:
    """What the provider publishes is asked for outside any transaction."""
    authority = authority_of(call)
    async with inside(call, attempt.tenant_id):
        provider = await IDENTITY_PROVIDERS.get(call, str(attempt.identity_provider_id))
    rules.refuse_disabled(provider)
    await call.session.finish(commit=True)
    published = await authority.openid.published(provider.issuer)
    await call.session.begin()
    begun, expires = await begin(call, attempt)
    asked = {
        "response_type": "code",
        "client_id": provider.client_id,
        "redirect_uri": redirect_uri(call),
        "scope": rules.scope_of(provider),
        "state": begun.state,
        "nonce": begun.nonce(authority.sealing),
        "code_challenge": begun.challenge(authority.sealing),
        "code_challenge_method": "S256",
    }
    door = published.authorization_endpoint
    url = f"{door}{'&' if '?' in door else '?'}{urlencode(asked)}"
    reply = StartSsoResponse(authorization_url=url, browser_secret=begun.browser_secret)
    reply.expire_time.FromDatetime(expires)
    return reply


def redirect_uri(call: Call) -> str:
    """Where the provider sends browsers back to: by configuration, never by what a request says."""
    return authority_of(call).public_url + CALLBACK
