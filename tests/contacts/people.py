"""Who uses contacts in its tests."""

import uuid

from chassis.access.caller import Caller, Reach, Right

ACME, RIVAL, NORTH, SOUTH = (uuid.uuid4() for _ in range(4))


def people() -> dict[str, Caller]:
    """Fresh ones, so that a test may change them."""
    return {
        "rep": Caller(ACME, uuid.uuid4(), {"contacts.*": Reach.OWN}, (NORTH,)),
        "colleague": Caller(ACME, uuid.uuid4(), {"contacts.*": Reach.OWN}, (NORTH,)),
        "manager": Caller(ACME, uuid.uuid4(), {"contacts.*": Reach.TEAM}, (NORTH,)),
        "admin": Caller(ACME, uuid.uuid4(), {"contacts.*": Reach.TENANT}),
        "stranger": Caller(RIVAL, uuid.uuid4(), {"contacts.*": Reach.TENANT}),
        "reader": Caller(ACME, uuid.uuid4(), {"contacts.*.read": Reach.TENANT}),
        "nameless": Caller(
            ACME,
            uuid.uuid4(),
            {"contacts.*": Reach.TENANT},
            field_rights={"contacts.contact.phones": Right.NONE},
        ),
    }
