"""Whether the gateway and those behind it are well, and what it has counted."""

import orjson
from prometheus_client import generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from starlette.requests import Request
from starlette.responses import Response

from chassis.telemetry import REGISTRY
from gateway.rpc.backend import Backend

SERVING = "SERVING"
NEEDED = "identity"  # without it nobody can be known; without another one the rest goes on


class VitalRooms:
    def __init__(self, backend: Backend) -> None:
        self._backend = backend

    async def alive(self, request: Request) -> Response:
        """GET /healthz: this process answers."""
        return _json(200, {"status": "ok"})

    async def ready(self, request: Request) -> Response:
        """GET /readyz: what each service says of itself. 503 where sending callers here would be of no use.

        One service away is no reason: all gateways would leave at once, and take the other four along.
        """
        services = await self._backend.health()
        ready = services.get(NEEDED, SERVING) == SERVING and SERVING in services.values()
        return _json(200 if ready else 503, {"ready": ready, "services": services})

    async def metrics(self, request: Request) -> Response:
        """GET /metrics, in Prometheus' text format; no tenant and no person in it."""
        return Response(generate_latest(REGISTRY), headers={"content-type": CONTENT_TYPE_LATEST})


def _json(status: int, reply: object) -> Response:
    return Response(orjson.dumps(reply), status, media_type="application/json")
