"""Opens a session for an e-mail and a password."""

from chassis.call import Call
from chassis.errors import InvalidArgument, Unauthenticated
from identity.authentication import brake, device
from identity.authentication.candidates import candidates
from identity.authentication.open_session import open_session
from identity.authentication.stored import SET_PASSWORD
from identity.authority import authority_of
from identity.doors import inside
from identity.user.rules import normal_email
from kith.identity.v1.authentication_pb2 import SignInRequest, SignInResponse


class TenantNeeded(InvalidArgument): ...


class SignInRefused(Unauthenticated):
    """The same whether the password is wrong, or there is nobody, or one who may not work (any more)."""


class SsoRequired(Unauthenticated):
    """Said only to who has the right password: nobody else learns that there is such a user."""


async def sign_in(call: Call, request: SignInRequest) -> SignInResponse:
    """The hash is computed outside any transaction, and once also where there is no such account.

    Raises SignInRefused, TenantNeeded, SsoRequired, TooManyAttempts.
    """
    email, authority = normal_email(request.email), authority_of(call)
    place = device.place_of(email, request.device_token, request.client_address, authority.sealing)
    await brake.take(call, email, place)
    found = await candidates(call, email, request.tenant_slug)
    await call.session.finish(commit=True)
    passwords = authority.passwords
    fitting = [one for one in found if await passwords.verify(request.password, one.password_hash)]
    if not fitting:
        raise SignInRefused("wrong e-mail or password")
    if len(fitting) > 1:
        raise TenantNeeded("this e-mail is in several tenants", fields={"tenant_slug": "is needed to tell them apart"})
    (who,) = fitting
    if who.needs_provider:
        raise SsoRequired("people of this tenant sign in by their identity provider")
    renewed = ""
    if who.password_hash and passwords.is_outdated(who.password_hash):
        renewed = await passwords.hash(request.password)
    await brake.forgive(call, email, place)
    async with inside(call, who.tenant_id):
        if renewed:
            await call.fetch(SET_PASSWORD, {"user": who.user_id, "hash": renewed})
        reply = await open_session(call, who.user_id, who.session_lasts, request.device, ["password"])
        reply.device_token = request.device_token if place.known else device.token(email, authority.sealing)
        return reply
