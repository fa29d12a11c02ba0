"""Whether a process takes calls, by grpc.health.v1: asked once, for all names, or watched."""

import asyncio
from collections.abc import AsyncGenerator, Iterable
from typing import Any

import grpc
from google.protobuf.message import DecodeError
from grpc_health.v1 import health_pb2

HEALTH = health_pb2.DESCRIPTOR.services_by_name["Health"]
Reply = health_pb2.HealthCheckResponse


class Health:
    """One answer for each of `names`, "" among them; NOT_SERVING until it is told otherwise.

    grpcio-health-checking has a servicer too; it knows no List, and its watches do not end, so that each would hold up
    a stop until the grace is over.
    """

    def __init__(self, names: Iterable[str]) -> None:
        self._names = {"", *names}
        self._status, self._changed = Reply.NOT_SERVING, asyncio.Event()

    def is_well(self) -> bool:
        return bool(self._status == Reply.SERVING)

    def say(self, *, serving: bool) -> None:
        """Tell whoever watches, before it is so."""
        self._status = Reply.SERVING if serving else Reply.NOT_SERVING
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()

    async def watch(self, raw: bytes, context: Any) -> AsyncGenerator[bytes, None]:
        """The answer, and each one that follows. A name that is unknown may become known, and is no error here."""
        name, told = await _asked(raw, context), None
        while True:
            changed = self._changed
            status = self._status if name in self._names else Reply.SERVICE_UNKNOWN
            if status != told:
                told = status
                yield _bytes(Reply(status=status))
            await changed.wait()

    async def check(self, raw: bytes, context: Any) -> bytes:
        """The answer of one name. Raises NOT_FOUND for one that is not here."""
        if await _asked(raw, context) not in self._names:
            await context.abort(grpc.StatusCode.NOT_FOUND, "no such service here")
        return _bytes(Reply(status=self._status))

    async def list(self, raw: bytes, context: Any) -> bytes:
        """The answer of every name."""
        return _bytes(
            health_pb2.HealthListResponse(statuses={name: Reply(status=self._status) for name in self._names})
        )


async def _asked(raw: bytes, context: Any) -> str:
    try:
        name: str = health_pb2.HealthCheckRequest.FromString(raw).service
    except DecodeError:
        await context.abort(grpc.StatusCode.INVALID_ARGUMENT, "no such request")
        raise AssertionError("abort raises") from None
    return name


def _bytes(reply: Any) -> bytes:
    raw: bytes = reply.SerializeToString()
    return raw
