"""What happened lately in each tenant: ids only, in memory, for ten minutes.

An event's id is `<epoch>-<number>`. The epoch is one tenant's in one process, and new when its memory had to go: an id
from another replica, from before a restart or from too long ago is answered `reset`, and the client reads its page
anew, instead of missing what lay between.
"""

import asyncio
import secrets
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from chassis.access.cache import Cache
from gateway.live.source import Change

KEPT_SECONDS = 600.0
KEPT_CHANGES, KEPT_TENANTS = 10_000, 1_000


@dataclass
class Ring:
    """One tenant's latest changes as (number, when, noun, id)."""

    epoch: str = field(default_factory=lambda: secrets.token_hex(6))
    last: int = 0
    kept: "deque[tuple[int, float, str, str]]" = field(default_factory=deque)
    woken: asyncio.Event = field(default_factory=asyncio.Event)

    def add(self, noun: str, id: str, now: float) -> None:
        self.last += 1
        self.kept.append((self.last, now, noun, id))
        while len(self.kept) > KEPT_CHANGES or self.kept[0][1] < now - KEPT_SECONDS:
            self.kept.popleft()
        self.woken.set()
        self.woken = asyncio.Event()  # who waits on the old one goes on; nobody is forgotten

    def since(self, number: int) -> list[tuple[str, str]] | None:
        """(noun, id) of each record that changed after `number`, once; None when something may have been missed."""
        if number == self.last:
            return []
        if not self.kept or self.kept[0][0] > number + 1:
            return None
        return list(dict.fromkeys((noun, id) for at, _, noun, id in self.kept if at > number))

    def position(self, last_event_id: str) -> int | None:
        """Where to go on; None when something may have been missed."""
        epoch, _, number = last_event_id.partition("-")
        if epoch != self.epoch or not (number.isascii() and number.isdecimal()) or len(number) > 18:
            return None
        return int(number) if int(number) <= self.last and self.since(int(number)) is not None else None

    def name(self, number: int) -> str:
        return f"{self.epoch}-{number}"


class Changes:
    """Rings by tenant; the one used least lately goes first."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._rings: Cache[str, Ring] = Cache(KEPT_TENANTS)

    def add(self, change: Change) -> None:
        self.of(change.tenant_id).add(change.noun, change.id, self._clock())

    def of(self, tenant_id: str) -> Ring:
        ring = self._rings.get(tenant_id)
        if ring is None:
            ring = Ring()
            if gone := self._rings.put(tenant_id, ring):
                gone[1].epoch = ""  # whoever still reads it begins anew
                gone[1].woken.set()
        return ring
