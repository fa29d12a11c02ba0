"""One open event stream, as raw ASGI: httpx would wait for its end."""

import asyncio
from typing import Any

import orjson

from chassis.events.bus import Message
from gateway.app import Gateway
from tests.gateway.backend import TENANT


class Listener:
    def __init__(self, gateway: Gateway, headers: dict[str, str]) -> None:
        self._sent: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._left = asyncio.Event()
        raw = [(name.encode(), value.encode()) for name, value in headers.items()]
        scope = {
            "type": "http", "method": "GET", "path": "/v1/events/stream", "raw_path": b"/v1/events/stream",
            "query_string": b"", "headers": raw, "client": ("127.0.0.1", 1), "asgi": {"spec_version": "2.3"},
        }  # fmt: skip
        self.task = asyncio.ensure_future(gateway.app(scope, self._receive, self._sent.put))  # type: ignore[arg-type]

    async def _receive(self) -> dict[str, Any]:
        await self._left.wait()
        return {"type": "http.disconnect"}

    async def start(self) -> int:
        status: int = (await asyncio.wait_for(self._sent.get(), 60))["status"]
        return status

    async def next(self, wanted: str) -> tuple[str, Any]:
        """Id and data of the next event of that name; heart-beats are passed over."""
        async with asyncio.timeout(60):
            while True:
                message = await self._sent.get()
                if message.get("body", b"").startswith(b"event:"):
                    name, id, data = (line.partition(": ")[2] for line in message["body"].decode().strip().split("\n"))
                    assert name == wanted, message
                    return id, orjson.loads(data)

    async def rest(self) -> list[str]:
        """The first lines of what is left to read, of a stream that has ended."""
        left = [self._sent.get_nowait().get("body", b"") for _ in range(self._sent.qsize())]
        return [body.decode().partition("\n")[0] for body in left if body]

    async def leave(self) -> None:
        self._left.set()
        await asyncio.wait_for(self.task, 60)


async def opened(gateway: Gateway, **headers: str) -> Listener:
    listener = Listener(gateway, {"authorization": "Bearer rep"} | headers)
    assert await listener.start() == 200
    return listener


def message(n: int, topic: str = "kith.garden.v1") -> Message:
    headers = {"ce_type": "kith.garden.plant.watered.v1", "ce_tenantid": TENANT, "ce_subject": str(n)}
    return Message(topic, str(n % 5), headers, b"")
