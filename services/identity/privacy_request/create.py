"""Writing down what somebody asks for."""

from chassis.call import Call
from chassis.resource.standard import standard, told_from_the_root
from identity.privacy_request import rules
from identity.privacy_request.privacy_request import PRIVACY_REQUESTS
from kith.identity.v1.privacy_request_pb2 import CreatePrivacyRequestRequest, PrivacyRequest

_CREATE = standard(PRIVACY_REQUESTS, "CreatePrivacyRequest")


async def create_privacy_request(call: Call, request: CreatePrivacyRequestRequest) -> PrivacyRequest:
    """About somebody: a request that names nobody is none."""
    with told_from_the_root(PRIVACY_REQUESTS):
        rules.refuse_nobody(request.privacy_request)
    return await _CREATE(call, request)
