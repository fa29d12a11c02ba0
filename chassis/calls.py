"""Calls that no client made: consumers, jobs and the steps of sagas are run in these."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from uuid import UUID

from chassis.access.caller import Caller
from chassis.access.origin import NOWHERE, Origin
from chassis.call import Call, Means
from chassis.clock import now
from chassis.custom.schema import NONE
from chassis.database.session import Database
from chassis.database.worker import AWAY
from chassis.errors import Refusal, TenantUnknown
from chassis.events.outage import is_outage
from chassis.events.outbox import INTERACTIVE

COUNTS_IN_NOTHING = "-"
LOST = (Refusal, *AWAY)


@dataclass(frozen=True)
class Calls:
    """One a process. `committed` is called after each commit: it wakes who carries on what was written."""

    service: str
    database: Database  # on the app role, whose rows are its tenant's
    means: Means
    committed: Callable[[], None] = lambda: None
    origin: Origin = NOWHERE  # of calls that say none of their own
    # The tenants in which a service at its own work had to know what they count in; identity is asked from then on.
    asked_of: set[UUID] = field(default_factory=set)

    @asynccontextmanager
    async def open(
        self, caller: Caller, permission: str = "", traceparent: str = "", lane: int = INTERACTIVE
    ) -> AsyncIterator[Call]:
        """A call in one transaction, as the caller's tenant: committed if the block ends well, undone if it raises.

        Cancelled while it commits, it may be either.
        """
        if caller.is_service and caller.tenant_id in self.asked_of:
            caller = await self._at_home(caller)
        await self.unlock(caller)
        call = self.begin(caller, permission, traceparent, lane)
        try:
            await call.session.begin()
            yield call
        except BaseException as error:
            if isinstance(error, TenantUnknown):
                self.asked_of.add(caller.tenant_id)
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

    async def unlock(self, caller: Caller) -> None:
        """Before a transaction in which something may be sealed: within it nobody is asked for the key."""
        if self.means.data_keys is not None:
            await self.means.data_keys.unlock(caller.tenant_id)

    async def _at_home(self, service: Caller) -> Caller:
        """With what its tenant has settled. While identity is away it goes on without: few calls need to know."""
        if service.base_currency or self.means.known_by is None:
            return service
        try:
            known = await self.means.known_by(service.tenant_id, service.user_id)
        except Refusal as refusal:
            # A closed tenant counts in nothing, or what is still to be done in it would be tried for ever.
            away = is_outage(refusal)
            return service if away else replace(service, base_currency=COUNTS_IN_NOTHING, custom=NONE)
        return service.at_home_as(known)

    def begin(
        self,
        caller: Caller,
        permission: str = "",
        traceparent: str = "",
        lane: int = INTERACTIVE,
        origin: Origin | None = None,
    ) -> Call:
        """A call whose session is the taker's to begin and to finish."""
        session = self.database.session(caller.tenant_id)
        call = Call(caller, permission, session, now(), self.means, traceparent, origin or self.origin)
        call.lane = lane
        return call
