"""What a contact is."""

from chassis.resource.noun import noun_table
from chassis.resource.resource import Resource
from contacts.contact import rules
from contacts.reaching import found_by
from kith.contacts.v1.contact_pb2 import Contact

table = noun_table(Contact, *found_by("contact", "emails", "phones", "tag_ids", "affiliated_account_ids"))
CONTACTS = Resource(Contact, table, check=rules.check)
