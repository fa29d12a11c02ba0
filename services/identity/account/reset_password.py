"""Somebody who forgot their password sets another, by the link they were sent."""

from chassis.call import Call
from identity.account.chosen import chosen
from identity.link import link as links
from identity.link.link import Purpose
from identity.mails import mails
from identity.session.end import end_sessions
from identity.user import rules
from identity.user.user import USERS
from kith.identity.v1.account_pb2 import ResetPasswordRequest, ResetPasswordResponse


async def reset_password(call: Call, request: ResetPasswordRequest) -> ResetPasswordResponse:
    """All sessions end, other links open nothing, the user is told. Raises LinkRefused, WeakPassword."""
    async with chosen(call, Purpose.RESET, request.token, request.password) as (link, holder):
        user = await USERS.lock(call, str(link.user_id))  # before its links: of two resets one waits here
        await links.take(call, Purpose.RESET, link)
        rules.refuse_idle(user)
        await links.drop(call, link.user_id, Purpose.RESET, Purpose.EMAIL)
        await end_sessions(call, user.id)
        await mails.notice(call, "password_changed", holder)
    return ResetPasswordResponse()
