"""Sets a password: one's own with the current one, another's with the right to."""

from uuid import UUID

from chassis.call import Call
from identity.account.current_password import refuse_wrong
from identity.account.holder import holder_of
from identity.authentication.stored import SET_PASSWORD
from identity.authority import authority_of
from identity.doors import consequences
from identity.link import link as links
from identity.link.link import Purpose
from identity.mails import mails
from identity.session.end import end_sessions
from identity.user.stronger import refuse_stronger
from identity.user.user import USERS
from kith.identity.v1.user_pb2 import SetPasswordRequest, User


async def set_password(call: Call, request: SetPasswordRequest) -> User:
    """Hashing is done outside any transaction. All other sessions of the user end, links to another password open
    nothing, and the user is told.

    Raises InvalidArgument for a wrong current password, WeakPassword, GrantTooWide for a user who may do more than the
    caller, TooManyAttempts.
    """
    user_id, passwords = UUID(request.id), authority_of(call).passwords
    if user_id == call.caller.user_id:
        await refuse_wrong(call, request.current_password)
    else:
        call.caller.reach("identity.user.set_password")
        await refuse_stronger(call, user_id)
    holder = await holder_of(call, user_id)
    await call.session.finish(commit=True)
    hashed = await passwords.new(request.password, holder.least, holder.words)
    await call.session.begin()
    with consequences(call):
        user = await USERS.get(call, request.id)
        await call.fetch(SET_PASSWORD, {"user": user_id, "hash": hashed})
        await links.drop(call, user_id, Purpose.RESET)
        await end_sessions(call, user.id, but=call.caller.session_id)
        await mails.notice(call, "password_changed", holder)
    return user
