"""Hears from identity whose rights have changed, for as long as the process lives."""

import asyncio
import logging
import random
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass
from typing import TypeAlias
from uuid import UUID

from chassis.access.keys import PublicKeys
from chassis.access.principals import Principals
from chassis.errors import Refusal

SILENCE_SECONDS = 3.0  # identity says something every second; then two are lost
FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS = 0.05, 1.0  # with the silence, well inside the promised five seconds
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """A signing key that is not to be believed any more: somebody else may have it."""

    kid: str


# (tenant, user), (tenant, None) for everybody in it, a key, or None: a heartbeat. The first says that the stream is up.
Change: TypeAlias = "tuple[UUID, UUID | None] | Withdrawn | None"


async def watch(changes: Callable[[], AsyncGenerator[Change, None]], principals: Principals, keys: PublicKeys) -> None:
    """Until cancelled: open the stream, forget whom it names, open it again when it breaks or falls silent."""
    wait = FIRST_WAIT_SECONDS
    while True:
        try:
            if await _listen(changes, principals, keys):
                wait = FIRST_WAIT_SECONDS
        finally:
            principals.deaf()
        await asyncio.sleep(wait * random.uniform(0.5, 1))  # noqa: S311  # so that processes do not come back as one
        wait = min(LONGEST_WAIT_SECONDS, wait * 2)


async def _listen(
    changes: Callable[[], AsyncGenerator[Change, None]], principals: Principals, keys: PublicKeys
) -> bool:
    """One stream from its opening to its end, however it ends; whether it was ever up."""
    clock, up = asyncio.get_running_loop().time, False
    try:
        async with asyncio.timeout(SILENCE_SECONDS) as limit, aclosing(changes()) as stream:
            async for change in stream:
                limit.reschedule(clock() + SILENCE_SECONDS)
                if not up:
                    up = True
                    principals.listening()
                    keys.doubt()
                if isinstance(change, Withdrawn):
                    keys.withdraw(change.kid)
                elif change:
                    principals.forget(*change)
        log.warning("the stream of changes ended")
    except (Refusal, TimeoutError) as error:
        log.warning("the stream of changes broke", extra={"why": repr(error)})
    return up
