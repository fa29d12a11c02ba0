"""What is known about a contact."""

from sqlalchemy import BigInteger, Column, DateTime, Index

from chassis.resource.noun import noun_table
from chassis.resource.resource import Resource
from kith.marketing.v1.contact_fact_pb2 import ContactFact

CONTACT_FACTS = Resource(
    ContactFact,
    noun_table(
        ContactFact,
        Column("delete_time", DateTime(timezone=True)),  # the contact's: lists leave it out, and it says nothing more
        Column("sequence", BigInteger, nullable=False),  # of the newest event of the contact
        Index("contact_fact_with_tag_ids", "tenant_id", "tag_ids", postgresql_using="gin"),
    ),
)
