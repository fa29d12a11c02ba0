"""GET /v1/limits: how much the caller may ask, how much is left, and what a request costs."""

import orjson
from starlette.requests import Request
from starlette.responses import Response

from gateway.limits import Limits
from gateway.rpc.body import LARGEST_BODY
from gateway.views.rooms import COST


class LimitRooms:
    def __init__(self, limits: Limits) -> None:
        self._limits = limits

    async def show(self, request: Request) -> Response:
        """Costs nothing itself."""
        reply = {
            "limits": await self._limits.standing(request.scope["kith"]),
            "costs": {"call": 1, "view": COST},
            "largestBodyBytes": LARGEST_BODY,
        }
        return Response(orjson.dumps(reply), media_type="application/json")
