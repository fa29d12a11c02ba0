"""GET /v1/events/stream: who may listen, how many streams there may be, and what is heard at all."""

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncIterator, Mapping

from google.rpc.code_pb2 import Code
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from gateway.incoming import Incoming
from gateway.limits import Limits
from gateway.live.changes import Changes
from gateway.live.source import Source
from gateway.live.stream import HEARTBEAT_SECONDS, Stream
from gateway.metrics import STREAMS
from gateway.nouns import Noun
from gateway.problems import Problem, exhausted, unauthenticated
from gateway.rpc.backend import Backend
from gateway.session.identity import Identity
from gateway.session.kept import KeptTokens

MEDIA_TYPE = "text/event-stream"
STREAMS_OF_ONE, ALL_STREAMS = 20, 5_000
RETRY_SECONDS = 1.0
log = logging.getLogger(__name__)


class LiveRooms:
    def __init__(
        self,
        changes: Changes | None,
        nouns: Mapping[str, Noun],
        backend: Backend,
        identity: Identity,
        tokens: KeptTokens,
        limits: Limits,
    ) -> None:
        self._changes, self._nouns, self._backend = changes, nouns, backend
        self._identity, self._tokens, self._limits = identity, tokens, limits
        self._open: Counter[str] = Counter()

    async def stream(self, request: Request) -> Response:
        """Raises Problem: 401, 429 for too many streams, or 501 where no event log is read."""
        incoming: Incoming = request.scope["kith"]
        await self._limits.admit(incoming)
        if not incoming.token:
            raise unauthenticated("nobody is signed in")
        if self._changes is None:
            raise Problem(Code.UNIMPLEMENTED, "UNIMPLEMENTED", "there are no live updates here")
        tenant_id, user_id = await self._identity.caller(incoming)
        if request.method == "HEAD":  # the stream itself would never end
            return Response(b"", media_type=MEDIA_TYPE)
        if self._open[user_id] >= STREAMS_OF_ONE or self._open.total() >= ALL_STREAMS:
            raise exhausted("too many event streams are open", int(HEARTBEAT_SECONDS))

        async def renew() -> None:
            if incoming.secret:
                incoming.token = await self._tokens.fresh(incoming, incoming.secret)
            else:
                await self._identity.who_am_i(incoming)

        stream = Stream(self._changes, tenant_id, incoming, self._nouns, self._backend, renew)
        events = self._counted(user_id, stream.events(request.headers.get("last-event-id", "")))
        headers = {"x-accel-buffering": "no", "cache-control": "no-store"}
        return StreamingResponse(events, media_type=MEDIA_TYPE, headers=headers)

    async def _counted(self, user_id: str, events: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        self._open[user_id] += 1
        STREAMS.inc()
        try:
            async for event in events:
                yield event
        finally:
            STREAMS.dec()
            self._open[user_id] -= 1
            self._open += Counter()  # drops those at zero


async def listen(source: Source, changes: Changes, services: list[str]) -> None:
    """Until cancelled: keep what each service says, of both its lanes."""
    topics = [topic for service in services for topic in (f"kith.{service}.v1", f"kith.{service}.bulk.v1")]
    while True:
        try:
            async for batch in source.tail(topics):
                for change in batch:
                    changes.add(change)
                await asyncio.sleep(0)
        except Exception:  # a source waits out what it expects; nobody would miss this task but those who watch
            log.exception("listening begins anew")
            await asyncio.sleep(RETRY_SECONDS)
