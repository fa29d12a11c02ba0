"""Prints the open opportunities of a tenant, page by page, over gRPC: needs kith-protos and grpcio, nothing else.

KITH_SALES=127.0.0.1:7003 KITH_API_KEY=kith_… python open_deals.py
"""

import os
import sys

import grpc
from google.rpc.error_details_pb2 import ErrorInfo
from google.rpc.status_pb2 import Status

from kith.sales.v1.opportunity_pb2 import ListOpportunitiesRequest
from kith.sales.v1.opportunity_pb2_grpc import OpportunitiesStub

KEY = [("authorization", f"Bearer {os.environ['KITH_API_KEY']}")]


def main() -> None:
    with grpc.insecure_channel(os.environ.get("KITH_SALES", "127.0.0.1:7003")) as channel:
        sales = OpportunitiesStub(channel)
        request = ListOpportunitiesRequest(filter="state = OPEN", order_by="close_date", page_size=100)
        while True:
            page = sales.ListOpportunities(request, timeout=10, metadata=KEY)  # no call without a deadline
            for deal in page.opportunities:
                print(deal.id, f"{deal.amount.units} {deal.amount.currency_code}", deal.display_name, sep="\t")
            if not page.next_page_token:
                return
            request.page_token = page.next_page_token


def reason(error: grpc.RpcError) -> str:
    """What programs decide by; messages are for developers."""
    info = ErrorInfo()
    for name, value in error.trailing_metadata() or ():
        if name == "grpc-status-details-bin":
            any(detail.Unpack(info) for detail in Status.FromString(value).details)
    return info.reason or error.code().name


if __name__ == "__main__":
    try:
        main()
    except grpc.RpcError as error:
        sys.exit(reason(error))
