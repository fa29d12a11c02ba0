"""A new e-mail becomes the user's, once the link sent there is followed."""

from chassis.call import Call
from chassis.errors import AlreadyExists, FailedPrecondition, NotFound
from identity.account.holder import holder_of
from identity.authentication.candidates import is_open
from identity.doors import inside
from identity.link import link as links
from identity.link.link import Purpose
from identity.mails import mails
from identity.session.end import end_sessions
from identity.user import rules
from identity.user.user import USERS
from kith.identity.v1.account_pb2 import ConfirmEmailChangeRequest, ConfirmEmailChangeResponse


async def confirm_email_change(call: Call, request: ConfirmEmailChangeRequest) -> ConfirmEmailChangeResponse:
    """All sessions end, links to the old address open nothing, and the old address is told. Raises LinkRefused."""
    link = await links.look(call, Purpose.EMAIL, request.token)
    try:
        async with inside(call, link.tenant_id):
            if not await is_open(call):
                raise links.refused()
            user = await USERS.lock(call, str(link.user_id))
            holder = await holder_of(call, link.user_id)
            await links.take(call, Purpose.EMAIL, link)
            rules.refuse_idle(user)
            user.email = link.email
            await USERS.save(call, user, verb="email_changed")
            await links.drop(call, link.user_id, Purpose.RESET, Purpose.EMAIL)
            await end_sessions(call, user.id)
            await mails.notice(call, "email_changed", holder, email=link.email)
    except (NotFound, FailedPrecondition, AlreadyExists):
        raise links.refused() from None
    return ConfirmEmailChangeResponse()
