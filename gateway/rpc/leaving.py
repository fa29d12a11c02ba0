"""Waits for a call, and cancels it when the client has gone: what nobody will read need not be made."""

import asyncio
from typing import Any

from google.protobuf.message import Message
from google.rpc.code_pb2 import Code
from starlette.types import Receive

from gateway.problems import Problem

WATCH_AFTER_SECONDS = 0.25  # a call that is done by then is not worth a task of its own, on a busy machine too


async def answer_unless_left(call: Any, receive: Receive) -> Message:
    """The reply of `call`. Raises Problem(CANCELLED) when the client left before it, and what the call raises."""
    watching: list[asyncio.Task[None]] = []
    loop = asyncio.get_running_loop()
    timer = loop.call_later(WATCH_AFTER_SECONDS, lambda: watching.append(loop.create_task(_cancel(call, receive))))
    try:
        reply: Message = await call
    except asyncio.CancelledError:
        if watching and watching[0].done():
            raise Problem(Code.CANCELLED, "CANCELLED", "the client left") from None
        raise
    finally:
        timer.cancel()
        for task in watching:
            task.cancel()
    return reply


async def _cancel(call: Any, receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    call.cancel()
