"""What a campaign member is."""

from sqlalchemy import Index

from chassis.resource.noun import noun_table
from chassis.resource.resource import Resource
from kith.marketing.v1.campaign_member_pb2 import CampaignMember

ONCE = Index("uq_campaign_member__contact_id", "tenant_id", "campaign_id", "contact_id", unique=True)
CAMPAIGN_MEMBERS = Resource(
    CampaignMember, noun_table(CampaignMember, ONCE), defaults=CampaignMember(state=CampaignMember.TARGETED)
)
