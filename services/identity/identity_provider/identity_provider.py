"""What an identity provider is."""

from chassis.resource.noun import noun_table
from chassis.resource.resource import Resource
from identity.doors import door
from identity.identity_provider import rules
from kith.identity.v1.identity_provider_pb2 import IdentityProvider

table = door(noun_table(IdentityProvider), "id::text")
IDENTITY_PROVIDERS = Resource(
    IdentityProvider, table, defaults=IdentityProvider(state=IdentityProvider.DRAFT), check=rules.check
)
