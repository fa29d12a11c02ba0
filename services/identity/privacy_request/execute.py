"""Having all services do what a privacy request asks for."""

from chassis.call import Call
from identity.privacy_request import rules
from identity.privacy_request.asking import ask_first
from identity.privacy_request.privacy_request import PRIVACY_REQUESTS
from kith.identity.v1.privacy_request_pb2 import ExecutePrivacyRequestRequest, PrivacyRequest


async def execute_privacy_request(call: Call, request: ExecutePrivacyRequestRequest) -> PrivacyRequest:
    """Begins it; the answers of the services carry it on. Raises RequestNotVerified."""
    found = await PRIVACY_REQUESTS.lock(call, request.id, request.etag)
    rules.begin(found)
    await ask_first(call, found)
    return await PRIVACY_REQUESTS.save(call, found, verb="execution_started")
