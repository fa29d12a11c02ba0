"""Ends the caller's own session everywhere."""

from chassis.call import Call
from identity.doors import consequences
from identity.session.end import end
from kith.identity.v1.authentication_pb2 import SignOutRequest, SignOutResponse


async def sign_out(call: Call, request: SignOutRequest) -> SignOutResponse:
    """A caller without a session, such as a program with a key, has nothing to end."""
    if call.caller.session_id:
        with consequences(call):
            await end(call, str(call.caller.session_id))
    return SignOutResponse()
