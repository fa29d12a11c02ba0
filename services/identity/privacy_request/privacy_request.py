"""What a privacy request is."""

from chassis.resource.noun import noun_table
from chassis.resource.resource import Resource
from identity.privacy_request import rules
from kith.identity.v1.privacy_request_pb2 import PrivacyRequest

table = noun_table(PrivacyRequest)
PRIVACY_REQUESTS = Resource(
    PrivacyRequest, table, defaults=PrivacyRequest(state=PrivacyRequest.RECEIVED), check=rules.check
)
