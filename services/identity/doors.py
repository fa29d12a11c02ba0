"""Ways into a tenant for calls that begin in none: somebody shows an e-mail, a slug or a secret.

Row-level security hides every row from a call without a tenant. Tables with a door have a second policy: for the rest
of a transaction, exactly the rows that match what was shown can be read. Chosen over a SECURITY DEFINER function and
over a role that passes the wall, since it can never read more than its caller named.
"""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from uuid import UUID

from sqlalchemy import DDL, Table, Text, bindparam, event, func, literal, select

from chassis.access.caller import Caller, Reach
from chassis.call import Call
from chassis.database.session import Session
from chassis.database.statement import Statement

SHOWN = "nullif(current_setting('kith.shown', true), '')"
_LOCALLY = literal(value=True)  # until the transaction ends, however it does
_SHOW = Statement(select(func.set_config("kith.shown", bindparam("shown", type_=Text), _LOCALLY)))
_ENTER = Statement(
    select(
        func.set_config("kith.tenant_id", bindparam("tenant", type_=Text), _LOCALLY),
        func.set_config("kith.shown", "", _LOCALLY),
        func.set_config("kith.oversees", "", _LOCALLY),
    )
)
_OVERSEE = Statement(select(func.set_config("kith.oversees", "tenants", _LOCALLY)))


def door(table: Table, shown: str) -> Table:
    """Let rows of `table` be read whose `shown`, an SQL expression over them, is what the transaction shows."""
    policy = f"create policy shown on %(fullname)s for select using ({shown} = {SHOWN})"
    event.listen(table, "after_create", DDL(policy))  # type: ignore[no-untyped-call]  # SQLAlchemy leaves it untyped
    return table


def overseen(table: Table) -> Table:
    """Let all rows of `table` be read by a transaction of whoever runs the suite, of all tenants."""
    policy = (
        "create policy overseen on %(fullname)s for select using (current_setting('kith.oversees', true) = 'tenants')"
    )
    event.listen(table, "after_create", DDL(policy))  # type: ignore[no-untyped-call]  # as above
    return table


async def oversee(session: Session) -> None:
    """Open what is overseen, until the transaction ends or a tenant is entered."""
    await session.begin()
    await session.fetch(_OVERSEE, {})


async def show(session: Session, what: str) -> None:
    """Open the rows that match `what`, until the transaction ends or a tenant is entered."""
    await session.begin()
    await session.fetch(_SHOW, {"shown": what})


async def enter(session: Session, tenant_id: UUID) -> None:
    """Go on in a tenant until the transaction ends; the connection itself stays whose it was."""
    await session.begin()
    await session.fetch(_ENTER, {"tenant": str(tenant_id)})


@asynccontextmanager
async def inside(call: Call, tenant_id: UUID) -> AsyncIterator[None]:
    """Make `call` identity's own in `tenant_id`; afterwards, if all went well, it is where it was."""
    before = call.caller
    await enter(call.session, tenant_id)
    call.caller = Caller.system(tenant_id, "identity")
    try:
        yield
    finally:
        call.caller = before
    await enter(call.session, before.tenant_id)


@contextmanager
def consequences(call: Call) -> Iterator[None]:
    """What follows from an act that was allowed needs no permission of its own; it is still the caller's doing."""
    before = call.caller
    call.caller = replace(before, grants={"identity.*": Reach.TENANT})
    try:
        yield
    finally:
        call.caller = before


def at_work(call: Call) -> Call:
    """The same transaction as identity's own: for what is to be done later, whoever may have left by then."""
    served = Call(call.caller.served_by("identity"), "", call.session, call.now, call.means, call.traceparent)
    served.lane = call.lane
    return served
