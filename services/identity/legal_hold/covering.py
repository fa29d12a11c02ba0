"""Which legal holds cover a person today."""

from sqlalchemy import Text, Uuid, bindparam, select

from chassis.call import Call
from chassis.database.statement import Statement
from chassis.privacy.person import Known
from chassis.sealed.fields import place_of, ring_of
from identity.legal_hold import rules
from identity.legal_hold.legal_hold import LEGAL_HOLDS, table
from kith.identity.v1.legal_hold_pb2 import LegalHold

_PLACED = Statement(
    select(*LEGAL_HOLDS.codec.columns)
    .where(table.c.tenant_id == bindparam("caller_tenant", type_=Uuid), table.c.state == bindparam("state", type_=Text))
    .order_by(table.c.id)
)


async def holds_covering(call: Call, person: Known) -> list[LegalHold]:
    """The oldest first."""
    placed = await call.fetch(_PLACED, {"state": LegalHold.State.Name(LegalHold.PLACED)})
    holds = [LegalHold(**LEGAL_HOLDS.codec.fields(row)) for row in placed]
    return [hold for hold in holds if rules.covers(hold, _identifiers(call, hold), person, call.now.date())]


def _identifiers(call: Call, hold: LegalHold) -> str:
    if not hold.identifiers:
        return ""
    place = place_of(call.caller.tenant_id, LEGAL_HOLDS.noun.permission, hold.id, "identifiers")
    return ring_of(call).open(place, hold.identifiers)
