"""A session shows its second factor."""

from chassis.call import Call
from identity.second_factor import factors
from identity.second_factor.step_up import step_up
from identity.second_factor.tried import tried
from kith.identity.v1.second_factor_pb2 import VerifyMfaRequest, VerifyMfaResponse


async def verify_mfa(call: Call, request: VerifyMfaRequest) -> VerifyMfaResponse:
    """Raises CodeRefused, TooManyAttempts."""
    async with tried(call, request.client_address, request.device_token):
        method = await factors.show(call, request.code)
    return VerifyMfaResponse(session=await step_up(call, method))
