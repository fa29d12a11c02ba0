"""A person does without their authenticator app from now on."""

from chassis.call import Call
from identity.second_factor import factors
from identity.second_factor.removed import remove_factor
from identity.second_factor.step_up import refuse_old_session
from kith.identity.v1.second_factor_pb2 import TurnOffMfaRequest, TurnOffMfaResponse


async def turn_off_mfa(call: Call, request: TurnOffMfaRequest) -> TurnOffMfaResponse:
    """The session has shown the second factor, else it would not get here. Raises SignInAgain, FactorRequired."""
    await refuse_old_session(call)
    user = await remove_factor(call, call.caller.user_id, "totp")
    await factors.forget_app(call, call.caller.user_id)
    return TurnOffMfaResponse(mfa_methods=user.mfa_methods)
