"""A TCP proxy that does to connections what networks do, and can be told otherwise while they are open."""

import asyncio
import contextlib
import random
import socket
import struct
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

UP, DOWN = "up", "down"  # towards the server, towards the client
STALL_SECONDS = 0.2  # what a lost segment costs: TCP sends it again, and all that follows waits
CHANCE = random.Random()  # its own: the one of the process is watched by property tests that run meanwhile
PIECE_BYTES, PIECES = 65536, 64
SLICE_SECONDS = 0.1
TURNS = 10  # of the event loop, in which whoever was let in becomes a connection
RESET = struct.pack("ii", 1, 0)  # SO_LINGER of no time at all: closing sends RST


@dataclass(frozen=True)
class Fault:
    """Everything at once that is wrong; nothing is by default."""

    latency_seconds: float = 0.0  # each way
    stalled_share: float = 0.0  # of pieces that are lost and sent again
    bytes_per_second: float = 0.0  # each way of a connection; 0 is no limit
    lost: frozenset[str] = frozenset()  # ways in which nothing arrives
    refuses: bool = False  # nobody listens, and what was open is reset


HEALTHY = Fault()
HALF_OPEN = Fault(lost=frozenset({UP, DOWN}))  # it accepts, and never answers


class Proxy:
    """Listens on `port` of loopback and passes on to `target`. Its methods may be called from any thread.

    A connection that lost bytes is dead for good, as behind a router that forgot it: once the network is healthy, the
    next bytes on it are answered with RST, and one that only waits for an answer waits on.
    """

    def __init__(self, target: int = 0) -> None:
        self.target, self.port = target, 0
        self._fault = HEALTHY
        self._open: set[_Connection] = set()
        self._loop = asyncio.new_event_loop()
        self._server: asyncio.Server | None = None
        self._thread = threading.Thread(target=self._loop.run_forever, name="proxy", daemon=True)
        self._thread.start()
        self._do(self._listen())

    @property
    def connections(self) -> int:
        """How many are open."""
        return len(self._open)

    def suffer(self, fault: Fault) -> None:
        """From now on, on connections that are open too."""
        self._do(self._suffer(fault))

    def heal(self) -> None:
        self.suffer(HEALTHY)

    def reset(self) -> None:
        """Answer everything that is open with RST, once."""
        self._do(self._reset())

    def close(self) -> None:
        self._do(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _do(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _suffer(self, fault: Fault) -> None:
        self._fault = fault
        if fault.refuses and self._server:
            await self._stop_listening()
            await self._reset()
        elif not fault.refuses and not self._server:
            await self._listen()

    async def _stop_listening(self) -> None:
        """Who was let in this moment comes in first: asyncio loses their socket where the server is closed already."""
        if self._server:
            for listening in self._server.sockets:
                self._loop.remove_reader(listening.fileno())
            for _ in range(TURNS):
                await asyncio.sleep(0)
            self._server.close()
            self._server = None

    async def _reset(self) -> None:
        for connection in list(self._open):
            connection.reset()

    async def _end(self) -> None:
        await self._stop_listening()
        await self._reset()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = _Connection([writer])
        self._open.add(connection)
        try:
            async with asyncio.TaskGroup() as group:
                if HALF_OPEN.lost <= self._fault.lost:
                    connection.dead = True
                    group.create_task(self._take(connection, reader, UP, asyncio.Queue(PIECES)))
                    return
                there, back = await asyncio.open_connection("127.0.0.1", self.target)
                connection.writers.append(back)
                for way, source, sink in ((UP, reader, back), (DOWN, there, writer)):
                    queue: Pieces = asyncio.Queue(PIECES)
                    group.create_task(self._take(connection, source, way, queue))
                    group.create_task(self._give(connection, sink, way, queue))
        except* OSError:  # nobody is there, or one end broke off: so does the other
            connection.reset()
        finally:
            self._open.discard(connection)
            connection.close()

    async def _take(self, connection: "_Connection", reader: asyncio.StreamReader, way: str, queue: "Pieces") -> None:
        """Into the queue, with the time at which each piece is to arrive; an empty one is the end."""
        due = 0.0
        while True:
            piece, fault = await reader.read(PIECE_BYTES), self._fault
            if connection.dead and not fault.lost:
                raise ConnectionResetError  # what is healthy again knows nothing of it
            if way in fault.lost:
                connection.dead = True
            elif not connection.dead:
                stall = STALL_SECONDS if CHANCE.random() < fault.stalled_share else 0.0
                due = max(due, self._loop.time() + fault.latency_seconds) + stall
                await queue.put((due, piece))
            if not piece:
                return

    async def _give(self, connection: "_Connection", writer: asyncio.StreamWriter, way: str, queue: "Pieces") -> None:
        while True:
            due, piece = await queue.get()
            await asyncio.sleep(due - self._loop.time())
            if not piece:
                with contextlib.suppress(OSError):  # it may have gone as well
                    writer.write_eof()
                return
            while piece:
                if way in self._fault.lost:
                    connection.dead = True
                    break
                rate = self._fault.bytes_per_second
                some = max(1, int(rate * SLICE_SECONDS)) if rate else len(piece)
                writer.write(piece[:some])
                await writer.drain()
                piece = piece[some:]
                if rate:
                    await asyncio.sleep(SLICE_SECONDS)


Pieces = asyncio.Queue[tuple[float, bytes]]


@dataclass(eq=False)
class _Connection:
    writers: list[asyncio.StreamWriter]
    dead: bool = False  # it lost bytes

    def reset(self) -> None:
        for writer in self.writers:
            if not writer.transport.is_closing():
                writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
                writer.transport.abort()

    def close(self) -> None:
        for writer in self.writers:
            writer.close()


@contextmanager
def proxies(count: int) -> Iterator[list[Proxy]]:
    """So many, to nobody yet, for as long as the block lasts."""
    made = [Proxy() for _ in range(count)]
    try:
        yield made
    finally:
        for proxy in made:
            proxy.close()
