"""Sends an invited user another invitation."""

from uuid import UUID

from chassis.call import Call
from identity.account.holder import holder_of
from identity.mails import mails
from identity.user import rules
from identity.user.user import USERS
from kith.identity.v1.user_pb2 import ResendInvitationRequest, User


async def resend_invitation(call: Call, request: ResendInvitationRequest) -> User:
    """Raises WrongState for one who is not invited (any more)."""
    user = await USERS.lock(call, request.id, etag=request.etag)
    rules.refuse_uninvited(user)
    inviter = await holder_of(call, call.caller.user_id)
    await mails.invite(call, UUID(user.id), inviter.display_name)
    return user
