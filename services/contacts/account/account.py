"""What an account is."""

from chassis.resource.noun import noun_table
from chassis.resource.resource import Resource
from contacts.account import rules
from contacts.reaching import found_by
from kith.contacts.v1.account_pb2 import Account

ACCOUNTS = Resource(
    Account, noun_table(Account, *found_by("account", "emails", "phones", "tag_ids")), check=rules.check
)
