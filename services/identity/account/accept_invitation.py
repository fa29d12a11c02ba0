"""An invited user becomes an active one, with a password that nobody else ever knew."""

from chassis.call import Call
from identity.account.chosen import chosen
from identity.link import link as links
from identity.link.link import Purpose
from identity.user import rules
from identity.user.user import USERS
from kith.identity.v1.account_pb2 import AcceptInvitationRequest, AcceptInvitationResponse


async def accept_invitation(call: Call, request: AcceptInvitationRequest) -> AcceptInvitationResponse:
    """Nobody is signed in by it. Raises LinkRefused, WeakPassword."""
    async with chosen(call, Purpose.INVITATION, request.token, request.password) as (link, _):
        user = await USERS.lock(call, str(link.user_id))
        await links.take(call, Purpose.INVITATION, link)
        rules.accept(user, request.display_name)
        saved = await USERS.save(call, user, verb="activated")
    return AcceptInvitationResponse(email=saved.email)
