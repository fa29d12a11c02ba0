"""Ending a legal hold."""

from chassis.call import Call
from identity.legal_hold import rules
from identity.legal_hold.legal_hold import LEGAL_HOLDS
from kith.identity.v1.legal_hold_pb2 import LegalHold, ReleaseLegalHoldRequest


async def release_legal_hold(call: Call, request: ReleaseLegalHoldRequest) -> LegalHold:
    """Raises HoldReleased."""
    hold = await LEGAL_HOLDS.lock(call, request.id, request.etag)
    rules.release(hold)
    return await LEGAL_HOLDS.save(call, hold, verb="released")
