"""Makes new recovery codes in place of those before."""

from chassis.call import Call
from identity.second_factor import factors
from identity.second_factor.tried import tried
from kith.identity.v1.second_factor_pb2 import RegenerateRecoveryCodesRequest, RegenerateRecoveryCodesResponse


async def regenerate_recovery_codes(
    call: Call, request: RegenerateRecoveryCodesRequest
) -> RegenerateRecoveryCodesResponse:
    """Takes a code of the app: a recovery code that somebody found makes no others. Raises CodeRefused."""
    async with tried(call):
        factors.refuse_wrong(await factors.show_totp(call, request.code))
    return RegenerateRecoveryCodesResponse(recovery_codes=await factors.new_recovery_codes(call))
