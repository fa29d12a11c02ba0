"""Saying that a privacy request is not followed."""

from chassis.call import Call
from identity.privacy_request import rules
from identity.privacy_request.privacy_request import PRIVACY_REQUESTS
from kith.identity.v1.privacy_request_pb2 import PrivacyRequest, RejectPrivacyRequestRequest


async def reject_privacy_request(call: Call, request: RejectPrivacyRequestRequest) -> PrivacyRequest:
    """Raises RequestNotOpen."""
    found = await PRIVACY_REQUESTS.lock(call, request.id, request.etag)
    rules.reject(found, request.reason, call.now)
    return await PRIVACY_REQUESTS.save(call, found, verb="rejected")
