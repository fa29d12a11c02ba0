"""What was done, as a signed document that says nothing of whom it was done for."""

import json

from google.protobuf.json_format import MessageToDict

from chassis.call import Call
from chassis.privacy.certificate import certificate_bytes
from identity.authority import authority_of
from identity.privacy_request import rules
from identity.privacy_request.privacy_request import PRIVACY_REQUESTS
from kith.identity.v1.privacy_request_pb2 import GetCertificateRequest, PrivacyCertificate, PrivacyRequest

# docs/administrator/privacy.md says of each how long.
MAY_REMAIN = ("event topics, 30 days", "backups, as long as they are kept", "files that were exported before")


def certify(call: Call, request: PrivacyRequest, legal_hold_id: str) -> None:
    """Puts certificate and seal into a request that has ended."""
    said = MessageToDict(request, preserving_proto_field_name=True)
    document = {
        "tenant_id": str(call.caller.tenant_id),
        "privacy_request_id": request.id,
        **{name: said[name] for name in ("kind", "state", "create_time", "end_time", "rounds")},
        "results": [
            {"noun": one.noun, "erased": one.erased, "held": one.held, "reason": one.reason} for one in request.results
        ],
        "legal_hold_id": legal_hold_id,
        "may_remain": MAY_REMAIN,
    }
    request.certificate = json.dumps(document, sort_keys=True, indent=1)
    request.seal = authority_of(call).seal.sign(certificate_bytes(request.certificate))


async def get_certificate(call: Call, request: GetCertificateRequest) -> PrivacyCertificate:
    """Raises RequestNotDone."""
    found = await PRIVACY_REQUESTS.get(call, request.id, deleted=True)
    rules.refuse_undone(found)
    public_key = authority_of(call).seal.public_key
    return PrivacyCertificate(document=found.certificate, seal=found.seal, public_key=public_key)
