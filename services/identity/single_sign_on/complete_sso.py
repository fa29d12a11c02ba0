"""Ends a sign-in by an identity provider, in the browser that began it."""

import logging
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from chassis.audit.record import DENIED, write
from chassis.call import Call
from chassis.errors import AlreadyExists, Refusal, Unauthenticated
from identity.authentication.candidates import lasting_here
from identity.authentication.open_session import open_session
from identity.authority import authority_of
from identity.doors import inside
from identity.external_identity.external_identity import EXTERNAL_IDENTITIES
from identity.external_identity.linked import linked
from identity.identity_provider import rules
from identity.identity_provider.client_secret import secret_of
from identity.identity_provider.identity_provider import IDENTITY_PROVIDERS
from identity.openid.code import Redeemed, SsoCodeRefused, redeem
from identity.openid.published import Published
from identity.principal.load import load
from identity.single_sign_on.attempts import Attempt, Begun, take
from identity.single_sign_on.joining import joined
from identity.single_sign_on.person import Person, person_of
from identity.single_sign_on.start_sso import redirect_uri
from kith.identity.v1.external_identity_pb2 import ExternalIdentity
from kith.identity.v1.identity_provider_pb2 import IdentityProvider
from kith.identity.v1.single_sign_on_pb2 import CompleteSsoRequest, CompleteSsoResponse
from kith.v1.audit_pb2 import AuditRecord

log = logging.getLogger(__name__)


class SsoIssuerMismatch(Unauthenticated): ...


class IdentityTaken(AlreadyExists): ...


async def complete_sso(call: Call, request: CompleteSsoRequest) -> CompleteSsoResponse:
    """What was begun is spent first, then the provider is asked, outside any transaction; one more does the rest.

    Raises what the contract says, each time logged as something somebody may have tried.
    """
    begun, told = Begun(request.state, request.browser_secret), {}
    try:
        attempt = await take(call, begun)
        told = {"tenant_id": str(attempt.tenant_id), "identity_provider_id": str(attempt.identity_provider_id)}
        claims = await _claims(call, request, begun, attempt)
        async with inside(call, attempt.tenant_id):
            return await _ended(call, request, attempt, claims)
    except Refusal as refusal:
        log.warning("single sign-on refused", extra={"reason": refusal.reason, **told})
        if told:
            await _write_down(call, refusal, **told)
        raise


async def _write_down(call: Call, refusal: Refusal, tenant_id: str, identity_provider_id: str) -> None:
    """In the audit trail, whatever the refused call would have done being undone."""
    await call.session.finish(commit=False)
    async with inside(call, UUID(tenant_id)):
        record = AuditRecord(
            action=DENIED,
            actor_id=str(call.caller.user_id),
            noun="identity.identity_provider",
            record_ids=[identity_provider_id],
            reason=refusal.reason,
            method="kith.identity.v1.SingleSignOn.CompleteSso",
            times=1,
        )
        record.act_time.FromDatetime(call.now)
        await write(call.session, "identity", call.caller.tenant_id, record, call.told)
        await call.session.finish(commit=True)


async def _claims(call: Call, request: CompleteSsoRequest, begun: Begun, attempt: Attempt) -> Mapping[str, Any]:
    """What the provider says of whoever is in front of that browser."""
    authority = authority_of(call)
    async with inside(call, attempt.tenant_id):
        provider = await _usable(call, attempt)
        secret = await secret_of(call, provider.id)
    await call.session.finish(commit=True)
    published = await authority.openid.published(provider.issuer)
    _refuse_other(published, request.issuer)
    if request.error or not request.code:
        raise SsoCodeRefused("the identity provider sent no code")
    shown = Redeemed(
        provider.client_id,
        secret,
        redirect_uri(call),
        request.code,
        begun.verifier(authority.sealing),
        begun.nonce(authority.sealing),
    )
    return await redeem(authority.openid, published, shown)


def _refuse_other(published: Published, said: str) -> None:
    """Raises SsoIssuerMismatch (RFC 9207): the code would go to one who did not give it."""
    if (said or published.names_itself) and said != published.issuer:
        raise SsoIssuerMismatch("another identity provider answered than was asked")


async def _ended(
    call: Call, request: CompleteSsoRequest, attempt: Attempt, claims: Mapping[str, Any]
) -> CompleteSsoResponse:
    """The provider is looked at again: it may have been disabled while it was asked."""
    provider = await _usable(call, attempt)
    person = person_of(claims, provider)
    reply = CompleteSsoResponse(return_path=attempt.return_path)
    if attempt.links:
        await _link(call, provider, person, *attempt.links)
        return reply
    user_id = await joined(call, provider, person)
    methods = ["sso", "mfa"] if provider.trust_amr and person.showed_two_factors else ["sso"]
    reply.signed_in.CopyFrom(await open_session(call, user_id, await lasting_here(call), request.device, methods))
    return reply


async def _link(call: Call, provider: IdentityProvider, person: Person, user_id: UUID, session_id: UUID | None) -> None:
    """Raises Unauthenticated where the session they consented in has ended since, IdentityTaken."""
    await load(call.session, call.caller.tenant_id, user_id, session_id)
    owner, _ = await linked(call, provider.id, person.subject)
    if owner == user_id:
        return
    if owner:
        raise IdentityTaken("this identity signs in another user")
    given = ExternalIdentity(
        owner_id=str(user_id), identity_provider_id=provider.id, subject=person.subject, email=person.email
    )
    await EXTERNAL_IDENTITIES.create(call, given)


async def _usable(call: Call, attempt: Attempt) -> IdentityProvider:
    """Raises NotFound, ProviderNotEnabled."""
    provider = await IDENTITY_PROVIDERS.get(call, str(attempt.identity_provider_id))
    rules.refuse_disabled(provider)
    return provider
