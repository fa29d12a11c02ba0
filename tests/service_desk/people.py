"""Who works on cases, in two tenants."""

import uuid

from chassis.access.caller import Caller, Reach

ACME, RIVAL, SUPPORT, FIELD = (uuid.uuid4() for _ in range(4))


def grants(reach: Reach) -> dict[str, Reach]:
    return {
        "service_desk.queue.read": Reach.TENANT,
        "service_desk.case.*": reach,
        "service_desk.case_message.*": reach,
    }


def people() -> dict[str, Caller]:
    whole = {"service_desk.*": Reach.TENANT}
    return {
        "agent": Caller(ACME, uuid.uuid4(), grants(Reach.OWN), (SUPPORT,)),
        "colleague": Caller(ACME, uuid.uuid4(), grants(Reach.TEAM), (SUPPORT,)),
        "technician": Caller(ACME, uuid.uuid4(), grants(Reach.TEAM), (FIELD,)),
        "seller": Caller(ACME, uuid.uuid4(), {"service_desk.case.read": Reach.OWN}),
        "admin": Caller(ACME, uuid.uuid4(), whole),
        "stranger": Caller(RIVAL, uuid.uuid4(), whole),
    }
