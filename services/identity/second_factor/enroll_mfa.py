"""Begins to add an authenticator app."""

from chassis.call import Call
from chassis.errors import SecondFactorNeeded
from identity.account.holder import holder_of
from identity.doors import consequences
from identity.second_factor import factors, rules
from identity.second_factor.step_up import refuse_old_session
from identity.user.user import USERS
from kith.identity.v1.second_factor_pb2 import EnrollMfaRequest, EnrollMfaResponse


async def enroll_mfa(call: Call, request: EnrollMfaRequest) -> EnrollMfaResponse:
    """Whoever has a second factor shows it before they add another: else a password would be enough to get around it.

    Raises SignInAgain, SecondFactorNeeded.
    """
    await refuse_old_session(call)
    with consequences(call):
        user = await USERS.get(call, str(call.caller.user_id))
    if call.caller.second_factor_due and user.mfa_methods:
        raise SecondFactorNeeded("the present second factor is to be shown first: VerifyMfa")
    holder = await holder_of(call, call.caller.user_id)
    secret = await factors.begin_totp(call)
    return EnrollMfaResponse(secret=secret, uri=rules.uri_of(secret, holder.email, holder.tenant))
