"""A small service of gadgets on shelves, and the people who use it: what the chassis is tested on."""

import uuid
from dataclasses import replace
from decimal import Decimal

from chassis.access.caller import Caller, Reach, Right
from chassis.call import Call
from chassis.errors import FailedPrecondition
from chassis.resource.resource import Resource
from chassis.service import Service
from kith.test.v1.gadget_pb2 import Gadget, RetireGadgetRequest
from kith.test.v1.shelf_pb2 import Shelf

ACME, RIVAL, NORTH, SOUTH = (uuid.uuid4() for _ in range(4))

RATES = {"CNY": Decimal("0.125"), "JPY": Decimal("0.0061"), "BHD": Decimal("2.4")}  # into the euros they count in

SHELVES = Resource(Shelf)
GADGETS = Resource(Gadget, defaults=Gadget(state=Gadget.DRAFT))


class AlreadyRetired(FailedPrecondition): ...


async def retire_gadget(call: Call, request: RetireGadgetRequest) -> Gadget:
    """Take a gadget off the market."""
    gadget = await GADGETS.lock(call, request.id, request.etag)
    if gadget.state == Gadget.RETIRED:
        raise AlreadyRetired("it is off the market", id=gadget.id)
    gadget.state = Gadget.RETIRED
    return await GADGETS.save(call, gadget, verb="retired")


SERVICE = Service("test", nouns=[SHELVES, GADGETS], verbs=[retire_gadget])


def grants(reach: Reach, *more: str) -> dict[str, Reach]:
    verbs = ("read", "create", "update", "delete", "retire", "transfer", *more)
    return {"test.shelf.*": Reach.TENANT} | {f"test.gadget.{verb}": reach for verb in verbs}


def people() -> dict[str, Caller]:
    """Fresh ones, so that a test may change them."""
    whole = grants(Reach.TENANT)
    found = {
        "rep": Caller(ACME, uuid.uuid4(), grants(Reach.OWN), (NORTH,)),
        "colleague": Caller(ACME, uuid.uuid4(), grants(Reach.OWN), (NORTH,)),
        "southerner": Caller(ACME, uuid.uuid4(), grants(Reach.OWN), (SOUTH,)),
        "manager": Caller(ACME, uuid.uuid4(), grants(Reach.TEAM), (NORTH,)),
        "director": Caller(ACME, uuid.uuid4(), grants(Reach.TEAM_TREE), (NORTH,), (SOUTH,)),
        "admin": Caller(ACME, uuid.uuid4(), {"test.*": Reach.TENANT}),
        "stranger": Caller(RIVAL, uuid.uuid4(), {"*": Reach.TENANT}),
        "intern": Caller(ACME, uuid.uuid4(), {"test.gadget.read": Reach.TENANT}),
        "looker": Caller(ACME, uuid.uuid4(), whole | {"test.gadget.update": Reach.OWN}),
        "discreet": Caller(ACME, uuid.uuid4(), whole, field_rights={"test.gadget.price": Right.NONE}),
        "squinting": Caller(
            ACME,
            uuid.uuid4(),
            whole,
            field_rights={"test.gadget.phones": Right.MASKED, "test.gadget.serial": Right.MASKED},
        ),
        "careful": Caller(ACME, uuid.uuid4(), whole, field_rights={"test.gadget.stock": Right.READ}),
    }
    return {name: replace(one, base_currency="EUR", exchange_rates=RATES) for name, one in found.items()}
