"""Takes a signing key that somebody else may have out of use, everywhere and at once."""

import logging

from chassis.call import Call
from identity.authentication.read_principal import let_go
from identity.authority import authority_of
from kith.identity.v1.authentication_pb2 import RevokeSigningKeyRequest, RevokeSigningKeyResponse

log = logging.getLogger(__name__)


async def revoke_signing_key(call: Call, request: RevokeSigningKeyRequest) -> RevokeSigningKeyResponse:
    """Sessions go on: browsers and programs get tokens of another key. Raises NotFound."""
    await let_go(call)
    signs = await authority_of(call).keys.withdraw(request.kid)
    log.warning("signing key revoked", extra={"kid": request.kid, "by": str(call.caller.user_id)})
    return RevokeSigningKeyResponse(signing_kid=signs)
