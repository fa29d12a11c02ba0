"""P2: ListLeads, 50 rows, filtered and ordered, against the same SQL by hand."""

from bench.arena import Duel, run
from kith.sales.v1.lead_pb2 import ListLeadsRequest, ListLeadsResponse

DUEL = Duel(
    "P2",
    "/kith.sales.v1.Leads/ListLeads",
    ListLeadsResponse,
    lambda n, ids: ListLeadsRequest(page_size=50, filter="state = NEW", order_by="create_time desc"),
    calls=200,
    goal=1.4,
)

if __name__ == "__main__":
    run(DUEL)
