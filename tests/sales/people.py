"""Who sells, in two tenants."""

import uuid

from chassis.access.caller import Caller, Reach, Right

ACME, RIVAL, NORTH, SOUTH = (uuid.uuid4() for _ in range(4))


def grants(reach: Reach) -> dict[str, Reach]:
    settings = {"sales.pipeline.read": Reach.TENANT, "sales.stage.read": Reach.TENANT}
    owned = {f"sales.{noun}.*": reach for noun in ("lead", "opportunity", "stage_change")}
    return settings | owned | {"contacts.*": Reach.TENANT}


def people() -> dict[str, Caller]:
    whole = {"sales.*": Reach.TENANT, "contacts.*": Reach.TENANT}
    return {
        "rep": Caller(ACME, uuid.uuid4(), grants(Reach.OWN), (NORTH,)),
        "colleague": Caller(ACME, uuid.uuid4(), grants(Reach.OWN), (NORTH,)),
        "southerner": Caller(ACME, uuid.uuid4(), grants(Reach.OWN), (SOUTH,)),
        "manager": Caller(ACME, uuid.uuid4(), grants(Reach.TEAM_TREE), (NORTH,), (SOUTH,)),
        "admin": Caller(ACME, uuid.uuid4(), whole),
        "discreet": Caller(ACME, uuid.uuid4(), whole, field_rights={"sales.opportunity.amount": Right.NONE}),
        "stranger": Caller(RIVAL, uuid.uuid4(), whole),
    }
