"""Facts follow what is known, and segments follow facts."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Integer, Select, Uuid, bindparam, select

from chassis.access.caller import Reach
from chassis.call import Call
from kith.marketing.v1.contact_fact_pb2 import ContactFact
from marketing.contact_fact.contact_fact import CONTACT_FACTS
from marketing.contact_fact.derive import LOCK, READ, REFRESH

AT_ONCE = 500


class Fact(NamedTuple):
    """`living`: the contact was not deleted."""

    fact: ContactFact
    living: bool


async def refresh(
    call: Call, *, contacts: Iterable[UUID] = (), accounts: Iterable[UUID] = (), changed: Sequence[UUID] = ()
) -> list[Fact]:
    """Put right the facts about these contacts and everybody of these accounts; those that say something else by now,
    and the `changed` ones in any case, by id. Their rows are held until the call ends."""
    held = await lock(call, contacts=contacts, accounts=accounts)
    if not held:
        return []
    binds = {
        "ids": [UUID(one.fact.id) for one in held],
        "changed": list(changed),
        "base_currency": call.caller.base_currency,
        "refresh_time": call.now,
    }
    return sorted(map(_fact, await call.fetch(REFRESH, binds)), key=lambda one: one.fact.id)


async def lock(call: Call, *, contacts: Iterable[UUID] = (), accounts: Iterable[UUID] = ()) -> list[Fact]:
    """As they are, by id, and held until the call ends."""
    return [_fact(row) for row in await call.fetch(LOCK, {"contacts": [*contacts], "accounts": [*accounts]})]


async def read(call: Call, contacts: Iterable[UUID]) -> list[Fact]:
    """As `lock`, without holding them."""
    return [_fact(row) for row in await call.fetch(READ, {"contacts": [*contacts], "accounts": []})]


async def refresh_some(call: Call, after: UUID) -> tuple[list[Fact], UUID | None]:
    """The next facts after one id put right, and the id to go on after; None at the end."""
    rows = await call.ask("facts after one", _next, {"after": after, "at_once": AT_ONCE})
    ids = [row["id"] for row in rows]
    return await refresh(call, contacts=ids), (ids[-1] if len(ids) == AT_ONCE else None)


def _next() -> Select[Any]:
    table = CONTACT_FACTS.table
    here = CONTACT_FACTS.within(Reach.TENANT), table.c.id > bindparam("after", type_=Uuid)
    return select(table.c.id).where(*here).order_by(table.c.id).limit(bindparam("at_once", type_=Integer))


def _fact(row: Any) -> Fact:
    return Fact(ContactFact(**CONTACT_FACTS.codec.fields(row)), row["delete_time"] is None)
