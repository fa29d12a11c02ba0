"""Whether the processes answer: gRPC services by grpc.health.v1, the gateway by its /healthz."""

import http.client
from collections.abc import Iterator, Mapping
from contextlib import closing

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

from cli.suite import GATEWAY

SECONDS = 2.0
SERVING, NOT_SERVING, AWAY = "SERVING", "NOT_SERVING", "AWAY"


def health_of(name: str, address: str) -> str:
    """SERVING, NOT_SERVING, or AWAY if nobody answers at `address` (host:port)."""
    if name == GATEWAY:
        with closing(http.client.HTTPConnection(address, timeout=SECONDS)) as connection:
            try:
                connection.request("GET", "/healthz")
                return SERVING if connection.getresponse().status == 200 else NOT_SERVING
            except (OSError, http.client.HTTPException):
                return AWAY
    with grpc.insecure_channel(address, options=OPTIONS) as channel:
        try:
            reply = health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest(), timeout=SECONDS)
        except grpc.RpcError:
            return AWAY
    return SERVING if reply.status == health_pb2.HealthCheckResponse.SERVING else NOT_SERVING


def watch(address: str) -> Iterator[str]:
    """Each change of a service's health, until it is away: before it goes it ends whatever watches it."""
    with grpc.insecure_channel(address, options=OPTIONS) as channel:
        try:
            for reply in health_pb2_grpc.HealthStub(channel).Watch(health_pb2.HealthCheckRequest()):
                yield SERVING if reply.status == health_pb2.HealthCheckResponse.SERVING else NOT_SERVING
        except grpc.RpcError:
            pass
    yield AWAY


def healths(addresses: Mapping[str, str]) -> dict[str, str]:
    return {name: health_of(name, address) for name, address in addresses.items()}


# A process that was asked too early must be asked again at once, and a proxy has no part in it.
OPTIONS = [
    ("grpc.enable_http_proxy", 0),
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.use_local_subchannel_pool", 1),
]
