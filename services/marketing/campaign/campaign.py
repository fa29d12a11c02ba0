"""What a campaign is."""

from chassis.resource.resource import Resource
from kith.marketing.v1.campaign_pb2 import Campaign
from marketing.campaign import rules

CAMPAIGNS = Resource(Campaign, defaults=Campaign(state=Campaign.DRAFT), check=rules.check)
