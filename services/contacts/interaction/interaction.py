"""What an interaction is."""

from sqlalchemy import Index

from chassis.resource.noun import noun_table
from chassis.resource.resource import Resource
from kith.contacts.v1.interaction_pb2 import Interaction

# A timeline is one customer's, in order of time.
table = noun_table(
    Interaction,
    Index("interaction_of_account", "tenant_id", "account_id", "interaction_time", "id"),
    Index("interaction_of_contact", "tenant_id", "contact_id", "interaction_time", "id"),
)
INTERACTIONS = Resource(Interaction, table)
