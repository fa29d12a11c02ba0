"""Whether the process in this container serves: exit status 0 or 1, for HEALTHCHECK and probes."""

import http.client
import os
import sys
from contextlib import closing

SECONDS = 3


def serves(service: str) -> bool:
    """By grpc.health.v1, or by /healthz of the gateway."""
    if service == "gateway":
        with closing(http.client.HTTPConnection("127.0.0.1", int(os.environ["KITH_PORT"]), timeout=SECONDS)) as asked:
            asked.request("GET", "/healthz")
            return asked.getresponse().status == 200
    import grpc
    from grpc_health.v1 import health_pb2, health_pb2_grpc

    port = os.environ[f"KITH_{service.upper()}_PORT"]
    with grpc.insecure_channel(f"127.0.0.1:{port}", options=[("grpc.enable_http_proxy", 0)]) as channel:
        reply = health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest(), timeout=SECONDS)
    return bool(reply.status == health_pb2.HealthCheckResponse.SERVING)


if __name__ == "__main__":
    try:
        sys.exit(not serves(os.environ["SERVICE"]))
    except Exception as error:  # whatever it is, it does not serve
        sys.exit(f"{type(error).__name__}: {error}")
