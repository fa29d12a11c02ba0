"""P3: CreateLead with a request id (row, history, outbox, claim), against one hand-written CTE with the same writes."""

import uuid

from bench.arena import Duel, run
from bench.people import lead_of
from kith.sales.v1.lead_pb2 import CreateLeadRequest, Lead

DUEL = Duel(
    "P3",
    "/kith.sales.v1.Leads/CreateLead",
    Lead,
    lambda n, ids: CreateLeadRequest(lead=lead_of(n), request_id=str(uuid.uuid4())),
    calls=600,
    goal=1.6,
)

if __name__ == "__main__":
    run(DUEL)
