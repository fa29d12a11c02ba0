"""Sets a password: one's own with the current one, another's with the right to."""

from uuid import UUID

from chassis.call import Call
from chassis.errors import InvalidArgument, Unauthenticated
from identity.authentication import brake
from identity.authentication.stored import PASSWORD_OF, SET_PASSWORD
from identity.authority import authority_of
from identity.doors import consequences
from identity.principal.load import load
from identity.role.rules import refuse_wider
from identity.session.end import end_sessions
from identity.user.user import USERS
from kith.identity.v1.user_pb2 import SetPasswordRequest, User


async def set_password(call: Call, request: SetPasswordRequest) -> User:
    """Hashing is done outside any transaction. All other sessions of the user end.

    Raises InvalidArgument for a wrong current password, GrantTooWide for a user who may do more than the caller,
    TooManyAttempts.
    """
    user_id, passwords = UUID(request.id), authority_of(call).passwords
    if user_id == call.caller.user_id:
        await _refuse_wrong(call, request)
    else:
        call.caller.reach("identity.user.set_password")
        await _refuse_stronger(call, user_id)
    await call.session.finish(commit=True)
    hashed = await passwords.hash(request.password)
    await call.session.begin()
    with consequences(call):
        user = await USERS.get(call, request.id)
        await call.fetch(SET_PASSWORD, {"user": user_id, "hash": hashed})
        await end_sessions(call, user.id, but=call.caller.session_id)
    return user


async def _refuse_wrong(call: Call, request: SetPasswordRequest) -> None:
    """A stolen session must not be a way to guess the password at leisure."""
    account = f"password of {request.id}"
    await brake.take(call, account, "")
    hashes = await call.fetch(PASSWORD_OF, {"user": call.caller.user_id})
    await call.session.finish(commit=True)
    held = hashes[0]["password_hash"] if hashes else None
    if not await authority_of(call).passwords.verify(request.current_password, held):
        raise InvalidArgument.of("current_password", "is wrong")
    await call.session.begin()
    await brake.forgive(call, account, "")


async def _refuse_stronger(call: Call, user_id: UUID) -> None:
    """Whoever sets a password can sign in with it, so it takes all that the user may do."""
    try:
        holder = await load(call.session, call.caller.tenant_id, user_id)
    except Unauthenticated:
        return  # nobody signs in as one who is suspended or gone
    refuse_wider(call.caller.grants, holder.grants)
