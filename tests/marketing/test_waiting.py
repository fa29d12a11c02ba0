"""Events that meet: the one that comes second waits, sees what the first has written, and holds nobody else up."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

from chassis.access.caller import Caller
from chassis.events.subscription import Heard
from chassis.testing.later import event_of
from chassis.testing.serving import Served
from kith.contacts.v1.account_pb2 import Account
from kith.contacts.v1.contact_pb2 import Contact, ContactEvent
from marketing.consumers.contacts import hear_contacts
from tests.marketing.crowd import WON_THIS_YEAR, Crowd, new
from tests.marketing.people import ACME

WAITING = "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"
LONGEST_SECONDS = 60


async def until_waiting(served: Served, number: int = 1) -> None:
    """Until so many stand before a lock."""
    end = time.monotonic() + LONGEST_SECONDS
    while await served.admin.fetchval(WAITING) < number:
        assert time.monotonic() < end, "nobody waits"
        await asyncio.sleep(0.01)


@asynccontextmanager
async def half_heard(crowd: Crowd, contact: Contact) -> AsyncIterator[None]:
    """Inside, what a contact says is written and not yet committed."""
    event = event_of(ACME, "contacts.contact.created", ContactEvent(after=contact))
    async with crowd.served.calls.open(Caller.system(ACME, "marketing")) as call:
        await hear_contacts(call, [Heard(ContactEvent.FromString(event.payload), event)])
        yield


async def test_who_comes_to_an_account_that_wins_meanwhile_is_among_the_winners(crowd: Crowd) -> None:
    segment, account, contact = await crowd.segment(), await crowd.account(), new()
    async with half_heard(crowd, Contact(id=contact, account_id=account)):
        winning = asyncio.create_task(crowd.won(account_id=account))
        await until_waiting(crowd.served)
    await winning
    assert (await crowd.as_("admin").GetContactFact(id=contact)).won_opportunity_count == 1
    assert await crowd.members(segment.id) == {contact}


async def test_a_segment_made_meanwhile_means_them_too(crowd: Crowd) -> None:
    account, contact = await crowd.account(), new()
    await crowd.won(account_id=account)
    async with half_heard(crowd, Contact(id=contact, account_id=account)):
        made = asyncio.create_task(crowd.segment(WON_THIS_YEAR))
        await until_waiting(crowd.served)
    assert await crowd.members((await made).id) == {contact}


async def test_rows_are_locked_by_id_so_that_nobody_waits_in_a_circle(crowd: Crowd) -> None:
    account = await crowd.account()
    first, second = sorted([new(), new()])
    for contact in (second, first):
        await crowd.contact(id=contact, account_id=account)
    rival = await asyncpg.connect(crowd.served.urls.admin)
    try:
        async with rival.transaction():
            await rival.execute("select from contact_fact where id = $1 for update", first)
            hearing = asyncio.create_task(crowd.tells(Account(id=account, industry="Robotics")))
            await until_waiting(crowd.served)
            await crowd.served.admin.execute("select from contact_fact where id = $1 for update nowait", second)
        await hearing
    finally:
        await rival.close()
