"""The table of contents of marketing."""

from chassis.resource.handover import hand_over
from chassis.service import Service
from marketing import tenant
from marketing.campaign.add_members import add_members, add_the_rest
from marketing.campaign.campaign import CAMPAIGNS
from marketing.campaign.cancel import cancel_campaign
from marketing.campaign.complete import complete_campaign
from marketing.campaign.launch import launch_campaign
from marketing.campaign.pause import pause_campaign
from marketing.campaign.resume import resume_campaign
from marketing.campaign_member.campaign_member import CAMPAIGN_MEMBERS
from marketing.campaign_member.delete import delete_campaign_member
from marketing.campaign_member.set_state import set_member_state
from marketing.campaign_member.undelete import undelete_campaign_member
from marketing.consumers.contacts import HEARD_FROM_CONTACTS
from marketing.consumers.identity import HEARD_FROM_IDENTITY
from marketing.consumers.sales import HEARD_FROM_SALES
from marketing.consumers.service_desk import HEARD_FROM_SERVICE_DESK
from marketing.contact_fact import known
from marketing.contact_fact.contact_fact import CONTACT_FACTS
from marketing.contact_fact.refresh_all import refresh_facts
from marketing.segment.count import count_members
from marketing.segment.create import create_segment
from marketing.segment.delete import delete_segment
from marketing.segment.explain_membership import explain_membership
from marketing.segment.preview import preview_segment
from marketing.segment.recompute import recompute_segment
from marketing.segment.segment import SEGMENTS
from marketing.segment.settle import recompute_members
from marketing.segment.undelete import undelete_segment
from marketing.segment.update import update_segment
from marketing.segment_membership.segment_membership import SEGMENT_MEMBERSHIPS

SERVICE = Service(
    "marketing",
    nouns=[CAMPAIGNS, CAMPAIGN_MEMBERS, SEGMENTS, SEGMENT_MEMBERSHIPS, CONTACT_FACTS],
    verbs=[
        launch_campaign,
        pause_campaign,
        resume_campaign,
        complete_campaign,
        cancel_campaign,
        add_members,
        set_member_state,
        delete_campaign_member,
        undelete_campaign_member,
        create_segment,
        update_segment,
        delete_segment,
        undelete_segment,
        recompute_segment,
        preview_segment,
        explain_membership,
    ],
    consumers=[*HEARD_FROM_IDENTITY, *HEARD_FROM_CONTACTS, *HEARD_FROM_SALES, *HEARD_FROM_SERVICE_DESK],
    jobs=[recompute_members, count_members, refresh_facts, add_the_rest, hand_over],
    tables=[tenant.METADATA, known.METADATA],
)
