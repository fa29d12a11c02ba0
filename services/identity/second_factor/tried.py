"""Showing a code, counted as a guess until it is known to be none."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from chassis.call import Call
from identity.account.holder import holder_of
from identity.authentication import brake, device
from identity.authority import authority_of
from identity.second_factor.step_up import session_of


@asynccontextmanager
async def tried(call: Call, client_address: str = "", device_token: str = "") -> AsyncIterator[None]:
    """The block raises for a code that is wrong. Failures are counted by account, as those of passwords are, and apart
    from them. Raises SignInAgain, TooManyAttempts."""
    session_of(call)
    holder = await holder_of(call, call.caller.user_id)
    place = device.place_of(holder.email, device_token, client_address, authority_of(call).sealing)
    account = f"second factor of {call.caller.user_id}"
    await brake.take(call, account, place)
    await call.session.begin()
    yield
    await brake.forgive(call, account, place)
