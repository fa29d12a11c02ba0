"""Keeping records from being erased."""

from chassis.call import Call
from chassis.resource.standard import admitted, told_from_the_root
from identity.legal_hold.legal_hold import LEGAL_HOLDS
from kith.identity.v1.legal_hold_pb2 import LegalHold, PlaceLegalHoldRequest


async def place_legal_hold(call: Call, request: PlaceLegalHoldRequest) -> LegalHold:
    """It holds from the next execution on."""
    given = admitted(LEGAL_HOLDS, call, request.legal_hold)
    with told_from_the_root(LEGAL_HOLDS):
        return await LEGAL_HOLDS.create(call, given, id=request.id, verb="placed", valid=True)
