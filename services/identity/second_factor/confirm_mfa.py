"""An authenticator app counts from now on."""

from chassis.call import Call
from chassis.errors import SecondFactorNeeded
from identity.account.holder import holder_of
from identity.doors import consequences
from identity.mails import mails
from identity.second_factor import factors
from identity.second_factor.step_up import step_up
from identity.second_factor.tried import tried
from identity.user import rules
from identity.user.user import USERS
from kith.identity.v1.second_factor_pb2 import ConfirmMfaRequest, ConfirmMfaResponse


async def confirm_mfa(call: Call, request: ConfirmMfaRequest) -> ConfirmMfaResponse:
    """The user's other sessions have to show a code from then on. Raises CodeRefused, SecondFactorNeeded."""
    async with tried(call):
        with consequences(call):
            user = await USERS.lock(call, str(call.caller.user_id))
        if call.caller.second_factor_due and user.mfa_methods:
            raise SecondFactorNeeded("the present second factor is to be shown first: VerifyMfa")
        await factors.confirm_totp(call, request.code)
    codes = await factors.new_recovery_codes(call)
    rules.add_factor(user, "totp")
    with consequences(call):
        await USERS.save(call, user, verb="mfa_enrolled")
    await mails.notice(call, "mfa_enrolled", await holder_of(call, call.caller.user_id))
    return ConfirmMfaResponse(recovery_codes=codes, session=await step_up(call, "totp"))
