"""One HTTP request as one rpc, and its reply as JSON: the generic door for every method that has a route."""

import grpc
import orjson
from google.rpc.code_pb2 import Code
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.answers import JSON_HEADER, answer, is_known
from gateway.codec.reader import Readers
from gateway.incoming import Incoming
from gateway.limits import Limits
from gateway.problems import Problem
from gateway.rpc.backend import Backend
from gateway.rpc.body import body_of
from gateway.rpc.leaving import answer_unless_left
from gateway.rpc.partial import part_of
from gateway.rpc.refused import of_rpc
from gateway.rpc.request import refuse_unconditional, request_fields
from gateway.rpc.routes import Routes


class Transcoder:
    """Plain ASGI. What is no rpc goes on to `rooms`, the hand-written ones."""

    def __init__(
        self, routes: Routes, backend: Backend, limits: Limits, rooms: ASGIApp, *, demands_etags: bool = False
    ) -> None:
        """`demands_etags`: no record is changed by who does not say from which state of it."""
        self._demands_etags = demands_etags
        self._routes, self._limits, self._rooms, self._readers = routes, limits, rooms, Readers()
        self._rpcs = {route.rpc.full_name: backend.rpc(route.rpc.full_name) for route in routes.all}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Raises Problem."""
        raw_path = (scope.get("raw_path") or scope["path"].encode()).decode("latin-1").partition("?")[0]
        head = scope["method"] == "HEAD"
        route, values, others = self._routes.find("GET" if head else scope["method"], raw_path)
        if route is None:
            if others:
                await _other_method(scope, send, others)
            else:
                await self._rooms(scope, receive, send)
            return
        incoming: Incoming = scope["kith"]
        incoming.route = route.template
        await self._limits.admit(incoming)
        body = await body_of(incoming, receive) if route.body else b""
        part, query = None, scope["query_string"].decode("latin-1")
        if route.method == "GET":
            part, query = part_of(query, route.rpc.output_type)
        fields = request_fields(self._readers, route, values, query, incoming, body)
        if self._demands_etags:
            refuse_unconditional(route, fields, incoming)
        rpc = self._rpcs[route.rpc.full_name]
        try:
            message = rpc.request(**fields)
            reply = rpc.write(
                await rpc.answered(message, incoming, wait=lambda call: answer_unless_left(call, receive))
            )
        except grpc.aio.AioRpcError as error:
            raise of_rpc(error, rpc.body) from None
        etag = reply.get("etag")
        headers = [JSON_HEADER, (b"etag", etag.encode())] if etag else [JSON_HEADER]
        known = incoming.header(b"if-none-match") if etag and route.method == "GET" else ""
        if known and is_known(etag, known):
            await answer(send, 304, headers[1:], b"", head)
        else:
            await answer(send, 200, headers, orjson.dumps(part.of(reply) if part else reply), head)


async def _other_method(scope: Scope, send: Send, others: list[str]) -> None:
    """OPTIONS is told what there is; nobody else's pages are let in, so no CORS header ever. Raises Problem."""
    allowed = ", ".join(sorted({*others, "OPTIONS", *(["HEAD"] if "GET" in others else [])}))
    if scope["method"] != "OPTIONS":
        raise Problem(Code.UNIMPLEMENTED, "METHOD_NOT_ALLOWED", "", headers={"allow": allowed})
    await answer(send, 204, [(b"allow", allowed.encode())], b"", head=False)
