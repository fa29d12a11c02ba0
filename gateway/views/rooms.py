"""The views as HTTP: /v1/contacts/{id}/overview, /v1/accounts/{id}/overview, /v1/search, /v1/home."""

from collections.abc import Awaitable, Callable, Mapping
from uuid import UUID

import orjson
from starlette.requests import Request
from starlette.responses import Response

from gateway.codec.reader import Fault
from gateway.incoming import Incoming
from gateway.limits import Limits
from gateway.nouns import Noun
from gateway.problems import invalid, unauthenticated
from gateway.rpc.backend import Backend
from gateway.views.parts import Parts, gather
from gateway.views.search import filter_of, grouped, parts_of, searched

COST = 5  # of a view, in calls
Endpoint = Callable[[Request], Awaitable[Response]]


class ViewRooms:
    """The only code that talks to several services for one request."""

    def __init__(self, backend: Backend, limits: Limits, nouns: Mapping[str, Noun]) -> None:
        self._backend, self._limits = backend, limits
        self._searched = searched(nouns.values())
        self._search_parts = parts_of(self._searched)

    def overview(self, parts: Parts) -> Endpoint:
        """Of the record that the path names."""

        async def endpoint(request: Request) -> Response:
            incoming = await self._known(request)
            try:
                subject = str(UUID(request.path_params["id"]))
            except ValueError:
                raise invalid([Fault("id", "WRONG_FORMAT", "must be a UUID")]) from None
            return _json(await gather(parts, subject, self._backend, incoming))

        return endpoint

    def of_caller(self, parts: Parts) -> Endpoint:
        """Of whoever asks."""

        async def endpoint(request: Request) -> Response:
            return _json(await gather(parts, "", self._backend, await self._known(request)))

        return endpoint

    async def search(self, request: Request) -> Response:
        incoming = await self._known(request)
        query = request.query_params.get("query", "")
        found = await gather(self._search_parts, filter_of(query), self._backend, incoming)
        return _json(grouped(self._searched, query, found))

    async def _known(self, request: Request) -> Incoming:
        incoming: Incoming = request.scope["kith"]
        await self._limits.admit(incoming, COST)
        if not incoming.token:
            raise unauthenticated("nobody is signed in")
        return incoming


def _json(reply: object) -> Response:
    return Response(orjson.dumps(reply), media_type="application/json")
