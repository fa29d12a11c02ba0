"""Saying that whoever asks is the person."""

from chassis.call import Call
from identity.privacy_request import rules
from identity.privacy_request.privacy_request import PRIVACY_REQUESTS
from kith.identity.v1.privacy_request_pb2 import PrivacyRequest, VerifyPrivacyRequestRequest


async def verify_privacy_request(call: Call, request: VerifyPrivacyRequestRequest) -> PrivacyRequest:
    """Raises RequestNotOpen."""
    found = await PRIVACY_REQUESTS.lock(call, request.id, request.etag)
    rules.verify(found, request.verification)
    return await PRIVACY_REQUESTS.save(call, found, verb="verified")
