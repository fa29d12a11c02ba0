"""Calls that no client made: consumers, jobs and the steps of sagas are run in these."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from chassis.access.caller import Caller
from chassis.call import Call, Means
from chassis.clock import now
from chassis.database.session import Database
from chassis.database.worker import AWAY
from chassis.errors import Refusal
from chassis.events.outbox import INTERACTIVE

LOST = (Refusal, *AWAY)


@dataclass(frozen=True)
class Calls:
    """One a process. `committed` is called after each commit: it wakes who carries on what was written."""

    service: str
    database: Database  # on the app role, whose rows are its tenant's
    means: Means
    committed: Callable[[], None] = lambda: None

    @asynccontextmanager
    async def open(
        self, caller: Caller, permission: str = "", traceparent: str = "", lane: int = INTERACTIVE
    ) -> AsyncIterator[Call]:
        """A call in one transaction, as the caller's tenant: committed if the block ends well, undone if it raises.

        Cancelled while it commits, it may be either.
        """
        call = self.begin(caller, permission, traceparent, lane)
        try:
            await call.session.begin()
            yield call
        except BaseException:
            with suppress(*LOST):  # it is undone all the same, and the reason is what must be heard
                await asyncio.shield(call.session.finish(commit=False))
            raise
        await asyncio.shield(call.session.finish(commit=True))
        self.committed()

    @asynccontextmanager
    async def without_transaction(self, caller: Caller, permission: str, traceparent: str) -> AsyncIterator[Call]:
        """For work that talks to others; it holds a connection only from its first statement on."""
        call = self.begin(caller, permission, traceparent)
        try:
            yield call
        finally:
            await asyncio.shield(call.session.finish(commit=False))

    def begin(self, caller: Caller, permission: str = "", traceparent: str = "", lane: int = INTERACTIVE) -> Call:
        """A call whose session is the taker's to begin and to finish."""
        call = Call(caller, permission, self.database.session(caller.tenant_id), now(), self.means, traceparent)
        call.lane = lane
        return call
