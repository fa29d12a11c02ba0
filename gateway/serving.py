"""The ASGI application of one process: built when its event loop runs, closed before that ends."""

import logging

from starlette.types import ASGIApp, Receive, Scope, Send

from chassis.config import load
from chassis.logs import log_json
from chassis.memory import settle
from chassis.telemetry import TRACING, trace_to
from gateway.app import Gateway, from_settings
from gateway.config import Settings

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
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self._gateway.close()
        TRACING.stop()
        await send({"type": "lifespan.shutdown.complete"})


def application() -> ASGIApp:
    """For granian's workers: each reads the environment for itself. Raises Misconfigured."""
    settings = load(Settings, "gateway")
    log_json("gateway", settings.log_level)
    trace_to("gateway", settings.otlp_endpoint, settings.trace_ratio)
    return Serving(settings)
