"""Takes the second factors of one who lost them away."""

from uuid import UUID

from chassis.call import Call
from identity.account.holder import holder_of
from identity.mails import mails
from identity.second_factor import factors
from identity.session.end import end_sessions
from identity.user.stronger import refuse_stronger
from identity.user.user import USERS
from kith.identity.v1.user_pb2 import ResetMfaRequest, User


async def reset_mfa(call: Call, request: ResetMfaRequest) -> User:
    """The next session shows a password only, and where the tenant asks for more begins with EnrollMfa.

    Raises GrantTooWide for one who may do more than the caller.
    """
    user = await USERS.lock(call, request.id, etag=request.etag)
    user_id = UUID(user.id)
    await refuse_stronger(call, user_id)
    await factors.forget(call, user_id)
    del user.mfa_methods[:]
    saved = await USERS.save(call, user, verb="mfa_reset")
    await end_sessions(call, user.id)
    await mails.notice(call, "mfa_reset", await holder_of(call, user_id))
    return saved
