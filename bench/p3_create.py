"""P3: CreateLead with a request id (row, history, outbox, claim), against one hand-written CTE with the same writes."""

import uuid

from bench.arena import Duel, run
from kith.sales.v1.lead_pb2 import CreateLeadRequest, Lead

GIVEN = Lead(
    display_name="Zhang Wei",
    family_name="Zhang",
    given_name="Wei",
    company="Northern Robots",
    position="Buyer",
    emails=[{"address": "wei@example.com", "primary": True}],
    phones=[{"number": "+8613800138000", "primary": True}],
    source="website",
    rating="WARM",
    description="Asked for a quotation of ten robots at the fair; call back next week.",
    region="West",
    custom_fields={"tier": "gold"},
)
DUEL = Duel(
    "P3",
    "/kith.sales.v1.Leads/CreateLead",
    Lead,
    lambda n, ids: CreateLeadRequest(lead=GIVEN, request_id=str(uuid.uuid4())),
    calls=600,
    goal=1.6,
)

if __name__ == "__main__":
    run(DUEL)
