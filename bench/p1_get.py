"""P1: GetLead over gRPC, against a bare handler and raw asyncpg."""

from bench.arena import Duel, run
from kith.sales.v1.lead_pb2 import GetLeadRequest, Lead

DUEL = Duel(
    "P1",
    "/kith.sales.v1.Leads/GetLead",
    Lead,
    lambda n, ids: GetLeadRequest(id=ids[n % len(ids)]),
    calls=1500,
    goal=1.5,
)

if __name__ == "__main__":
    run(DUEL)
