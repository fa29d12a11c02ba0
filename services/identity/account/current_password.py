"""Whoever changes how they sign in shows their password once more: an open browser is not enough."""

from chassis.call import Call
from chassis.errors import InvalidArgument
from identity.authentication import brake
from identity.authentication.brake import Place
from identity.authentication.stored import PASSWORD_OF
from identity.authority import authority_of


async def refuse_wrong(call: Call, password: str) -> None:
    """A stolen session must not be a way to guess the password at leisure; hashing is done outside any transaction.

    Raises InvalidArgument naming `current_password`, TooManyAttempts.
    """
    account, place = f"password of {call.caller.user_id}", Place("", known=True)
    await brake.take(call, account, place)
    hashes = await call.fetch(PASSWORD_OF, {"user": call.caller.user_id})
    await call.session.finish(commit=True)
    held = hashes[0]["password_hash"] if hashes else None
    if not await authority_of(call).passwords.verify(password, held):
        raise InvalidArgument.of("current_password", "is wrong")
    await call.session.begin()
    await brake.forgive(call, account, place)
