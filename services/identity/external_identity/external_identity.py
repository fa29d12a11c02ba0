"""What an external identity is: owned by the user it signs in, and one of a provider's to each subject."""

from sqlalchemy import Index, text

from chassis.resource.noun import noun_table
from chassis.resource.resource import Resource
from kith.identity.v1.external_identity_pb2 import ExternalIdentity

table = noun_table(
    ExternalIdentity,
    Index(
        "uq_external_identity__subject",
        "tenant_id",
        "identity_provider_id",
        "subject",
        unique=True,
        postgresql_where=text("delete_time is null"),
    ),
)
EXTERNAL_IDENTITIES = Resource(ExternalIdentity, table)
