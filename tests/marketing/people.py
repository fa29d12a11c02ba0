"""Who does marketing, in two tenants."""

import uuid

from chassis.access.caller import Caller, Reach, Right

ACME, RIVAL, BRAND, EVENTS = (uuid.uuid4() for _ in range(4))


def grants(reach: Reach) -> dict[str, Reach]:
    shared = {f"marketing.{noun}.*": Reach.TENANT for noun in ("segment", "segment_membership", "contact_fact")}
    return shared | {f"marketing.{noun}.*": reach for noun in ("campaign", "campaign_member")}


def people() -> dict[str, Caller]:
    whole = {"marketing.*": Reach.TENANT}
    return {
        "marketer": Caller(ACME, uuid.uuid4(), grants(Reach.OWN), (BRAND,)),
        "colleague": Caller(ACME, uuid.uuid4(), grants(Reach.OWN), (EVENTS,)),
        "planner": Caller(
            ACME, uuid.uuid4(), {"marketing.campaign.*": Reach.TENANT, "marketing.segment.*": Reach.TENANT}
        ),
        "admin": Caller(ACME, uuid.uuid4(), whole),
        "discreet": Caller(ACME, uuid.uuid4(), whole, field_rights={"marketing.contact_fact.won_amount": Right.NONE}),
        "stranger": Caller(RIVAL, uuid.uuid4(), whole),
    }
