"""Asks over HTTP/1.1 on several connections at once, as fast as it is answered; a client that costs little."""

import asyncio
import time
from collections.abc import Iterator
from functools import partial
from typing import Any


class Asker(asyncio.Protocol):
    """One connection: a request, its whole reply, the next request, until there are no more."""

    def __init__(self, requests: Iterator[bytes], done: "asyncio.Future[None]") -> None:
        self._requests, self._done = requests, done
        self._got, self._missing = b"", -1  # bytes of the reply; how many are to come, -1 while its head is not whole

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: Any = transport  # uvloop's own class of the same shape as asyncio.Transport
        self._next()

    def data_received(self, data: bytes) -> None:
        if self._missing >= 0:
            self._missing -= len(data)
        else:
            self._got += data
            head, end, body = self._got.partition(b"\r\n\r\n")
            if not end:
                return
            if not head.startswith(b"HTTP/1.1 200"):
                self._end(RuntimeError(self._got[:500].decode(errors="replace")))
                return
            self._missing = _length(head) - len(body)
        if self._missing == 0:
            self._next()

    def connection_lost(self, error: Exception | None) -> None:
        self._end(error or ConnectionError("the server closed the connection"))

    def _next(self) -> None:
        self._got, self._missing = b"", -1
        request = next(self._requests, None)
        if request is None:
            self._end(None)
        else:
            self._transport.write(request)

    def _end(self, error: Exception | None) -> None:
        if not self._done.done():
            if error:
                self._done.set_exception(error)
            else:
                self._done.set_result(None)
            self._transport.close()


def _length(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    raise RuntimeError("a reply does not say how long it is")


async def rate(port: int, requests: list[bytes], connections: int) -> float:
    """Requests a second. Raises RuntimeError for a reply that is not 200, ConnectionError."""
    left, loop = iter(requests), asyncio.get_running_loop()
    ends: list[asyncio.Future[None]] = [loop.create_future() for _ in range(connections)]
    began = time.perf_counter()
    for end in ends:
        await loop.create_connection(partial(Asker, left, end), "127.0.0.1", port)
    await asyncio.gather(*ends)
    return len(requests) / (time.perf_counter() - began)
