"""What a lead is."""

from chassis.resource.resource import Resource
from kith.sales.v1.lead_pb2 import Lead
from sales.lead import rules

LEADS = Resource(Lead, defaults=Lead(state=Lead.NEW), check=rules.check)
