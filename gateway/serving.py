"""The ASGI application of one process: built when its event loop runs, closed before that ends."""

import asyncio
import logging
import os
import signal

from starlette.types import ASGIApp, Receive, Scope, Send

from chassis.config import load
from chassis.logs import log_json
from chassis.memory import settle
from chassis.telemetry import TRACING, trace_to
from gateway.app import Gateway, from_settings
from gateway.config import Settings

DRAIN_SECONDS, PARENT_SECONDS = 10, 0.5
log = logging.getLogger(__name__)


class Serving:
    """Answers nothing before `lifespan.startup`: channels belong to the loop they were made on."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._gateway: Gateway | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif self._gateway:
            await self._gateway.app(scope, receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        try:
            self._gateway = from_settings(self._settings)
        except Exception as error:
            log.exception("the gateway cannot start")
            await send({"type": "lifespan.startup.failed", "message": str(error)})
            return
        settle()
        watching = asyncio.create_task(end_with_parent())
        await send({"type": "lifespan.startup.complete"})
        await receive()
        watching.cancel()
        await self._gateway.close()
        TRACING.stop()
        await send({"type": "lifespan.shutdown.complete"})


async def end_with_parent() -> None:
    """A worker whose parent was killed drains and ends too: nobody else would, and it would keep the port."""
    parent = os.getppid()
    while os.getppid() == parent:  # noqa: ASYNC110  # no event tells of it
        await asyncio.sleep(PARENT_SECONDS)
    os.kill(os.getpid(), signal.SIGTERM)
    await asyncio.sleep(DRAIN_SECONDS)
    os._exit(1)


def application() -> ASGIApp:
    """For granian's workers: each reads the environment for itself. Raises Misconfigured."""
    settings = load(Settings, "gateway")
    log_json("gateway", settings.log_level)
    trace_to("gateway", settings.otlp_endpoint, settings.trace_ratio)
    return Serving(settings)
