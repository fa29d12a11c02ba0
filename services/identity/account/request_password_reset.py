"""Asks for a link to set another password; whoever asks learns nothing from the answer, nor from how long it takes."""

from chassis.call import Call
from identity.authentication import brake
from identity.authentication.brake import RESETS, Place
from identity.authentication.candidates import active_users, is_open
from identity.doors import inside
from identity.mails import mails
from identity.settings import PLATFORM
from identity.user.rules import normal_email
from kith.identity.v1.account_pb2 import RequestPasswordResetRequest, RequestPasswordResetResponse


async def request_password_reset(call: Call, request: RequestPasswordResetRequest) -> RequestPasswordResetResponse:
    """Only writes down what was asked: a job looks later whether there is anybody. Raises TooManyAttempts.

    The limit shuts nobody out, since the links that were sent before it stay good.
    """
    request.email = normal_email(request.email)
    await brake.take(call, f"reset of {request.email}", Place(request.client_address), RESETS)
    async with inside(call, PLATFORM):
        await call.schedule(send_password_reset, RequestPasswordResetRequest(email=request.email))
    return RequestPasswordResetResponse()


async def send_password_reset(call: Call, request: RequestPasswordResetRequest) -> None:
    """The job: one mail for each tenant in which an active user has this e-mail."""
    for tenant_id, user_id in await active_users(call, request.email):
        async with inside(call, tenant_id):
            if await is_open(call):
                await mails.offer_reset(call, user_id)
