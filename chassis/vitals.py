"""A small HTTP server beside each process: what it has counted, and whether it is well."""

import asyncio
from collections.abc import Callable

from prometheus_client import generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from chassis.telemetry import REGISTRY

SECONDS = 5.0  # for one request to arrive and be answered


async def serve_vitals(host: str, port: int, healthy: Callable[[], bool]) -> asyncio.Server:
    """Answer GET /metrics and GET /healthz (200 or 503) until the server is closed. Raises OSError for a taken port."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(SECONDS):
                asked = await reader.readuntil(b"\r\n\r\n")
            path = asked.split(b" ", 2)[1].partition(b"?")[0]
            status, kind, body = b"404 Not Found", "text/plain", b"only /metrics and /healthz are here\n"
            if path == b"/metrics":
                status, kind, body = b"200 OK", CONTENT_TYPE_LATEST, generate_latest(REGISTRY)
            elif path == b"/healthz":
                status, body = (b"200 OK", b"ok\n") if healthy() else (b"503 Service Unavailable", b"not serving\n")
            head = f"content-type: {kind}\r\ncontent-length: {len(body)}\r\nconnection: close\r\n\r\n"
            writer.write(b"HTTP/1.1 " + status + b"\r\n" + head.encode() + body)
            await writer.drain()
        except (TimeoutError, OSError, EOFError, ValueError, IndexError, asyncio.LimitOverrunError):
            return  # whoever asked is gone, or speaks something else
        finally:
            writer.close()

    return await asyncio.start_server(answer, host, port)
