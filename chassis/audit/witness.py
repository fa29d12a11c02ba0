"""What a process tells the audit trail of the calls it refused; a flood of them is counted, and fills no disk.

The first refusals of a principal are written down one by one, before they are answered. Who goes on being refused
faster than that is counted, and the count written once a minute: the trail grows with the number of people, not with
how fast their programs are.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from uuid import UUID

from chassis.access.cache import Cache
from chassis.access.caller import Caller
from chassis.access.origin import Origin, told_of
from chassis.audit.record import DENIED, READ, write
from chassis.calls import Calls
from chassis.clock import now
from chassis.database.worker import AWAY
from chassis.errors import Refusal, Unavailable
from kith.v1.audit_pb2 import AuditRecord

BURST, PER_SECOND = 20.0, 1 / 3
PRINCIPALS, COUNTED = 10_000, 1_000
COUNTS_SECONDS, LONGEST_SECONDS = 60.0, 3.0
NOBODY_NAMED = UUID(int=0)
Counted = tuple[UUID, UUID, str]  # tenant, user, rpc
log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Bucket:
    left: float
    at: float


class Witness:
    """One a process."""

    def __init__(self, calls: Calls, clock: Callable[[], float] = time.monotonic) -> None:
        self._calls, self._clock = calls, clock
        self._buckets: Cache[tuple[UUID, UUID], _Bucket] = Cache(PRINCIPALS)
        self._counts: dict[Counted, AuditRecord] = {}
        self._telling: asyncio.Task[None] | None = None

    async def denied(self, caller: Caller, record: AuditRecord, origin: Origin, traceparent: str) -> None:
        """Written before the caller hears of it; where the database is away, counted and told later."""
        record.action, record.actor_id, record.times = DENIED, str(caller.user_id), 1
        record.act_time.FromDatetime(now())
        who = caller.tenant_id, caller.user_id
        if not self._may_write(who) or not await self._written(
            caller.tenant_id, record, told_of(caller, origin, traceparent)
        ):
            self._count(who, record)

    async def read(self, caller: Caller, record: AuditRecord, origin: Origin, traceparent: str) -> None:
        """Somebody is about to be told sensitive values; nobody is who was not written down. Raises Unavailable."""
        record.action, record.actor_id, record.times = READ, str(caller.user_id), 1
        record.act_time.FromDatetime(now())
        if not await self._written(caller.tenant_id, record, told_of(caller, origin, traceparent)):
            raise Unavailable("it cannot be written down that this is read; retry")

    async def close(self) -> None:
        """What was counted is told."""
        if self._telling:
            self._telling.cancel()
            with suppress(asyncio.CancelledError):
                await self._telling
        await self._tell()

    def _may_write(self, who: tuple[UUID, UUID]) -> bool:
        at = self._clock()
        bucket = self._buckets.get(who)
        if bucket is None:
            bucket = _Bucket(BURST, at)
            self._buckets.put(who, bucket)
        bucket.left, bucket.at = min(BURST, bucket.left + (at - bucket.at) * PER_SECOND), at
        if bucket.left < 1:
            return False
        bucket.left -= 1
        return True

    def _count(self, who: tuple[UUID, UUID], record: AuditRecord) -> None:
        """By principal and rpc; where that would be too many, by tenant alone."""
        key: Counted = (*who, record.method)
        if key not in self._counts and len(self._counts) >= COUNTED:
            key = who[0], NOBODY_NAMED, ""
        known = self._counts.get(key)
        if known is None:
            known = self._counts[key] = AuditRecord(action=DENIED, reason=record.reason, act_time=record.act_time)
            if key[2]:
                known.actor_id, known.method, known.permission = record.actor_id, record.method, record.permission
                known.noun = record.noun
        known.times += 1
        if self._telling is None or self._telling.done():
            self._telling = asyncio.create_task(self._tell_later())

    async def _tell_later(self) -> None:
        while self._counts:
            await asyncio.sleep(COUNTS_SECONDS)
            await self._tell()

    async def _tell(self) -> None:
        counts, self._counts = self._counts, {}
        for key, record in counts.items():
            if await self._written(key[0], record, {}):
                continue
            if key in self._counts:
                self._counts[key].times += record.times
            else:
                self._counts[key] = record

    async def _written(self, tenant_id: UUID, record: AuditRecord, headers: dict[str, str]) -> bool:
        session = self._calls.database.session(tenant_id)
        try:
            async with asyncio.timeout(LONGEST_SECONDS):
                await write(session, self._calls.service, tenant_id, record, headers)
        except (Refusal, TimeoutError, *AWAY) as error:
            log.warning("not written to the audit trail yet", extra={"why": repr(error)})
            return False
        finally:
            await asyncio.shield(session.finish(commit=False))
        self._calls.committed()
        return True
