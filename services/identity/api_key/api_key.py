"""What an API key is."""

from chassis.resource.noun import noun_table
from chassis.resource.resource import Resource
from identity.api_key import rules
from kith.identity.v1.api_key_pb2 import ApiKey

table = noun_table(ApiKey)
API_KEYS = Resource(ApiKey, table, defaults=ApiKey(state=ApiKey.ACTIVE), check=rules.check)
