"""History is kept for thirteen months, and then as much of it as tells how a record stood when they began."""

import asyncpg
import pytest

from chassis import retention
from chassis.database.worker import open_pool
from chassis.retention import OldHistory
from chassis.testing.serving import Refused, Served, refusal
from kith.test.v1.gadget_pb2 import Gadget

AGED = "update history set change_time = now() - $2::text::interval where aggregateid = $1 and sequence = $3"
THEN = "select extract(epoch from now() - $1::text::interval)::bigint"


async def aged(shop: Served, *ages: str) -> Gadget:
    """A gadget with a revision of each age; its stock is the number of the revision."""
    gadget: Gadget = await shop.as_("rep").CreateGadget(gadget={"display_name": "x", "stock": 1})
    for stock in range(2, len(ages) + 1):
        await shop.as_("rep").UpdateGadget(gadget={"id": gadget.id, "stock": stock})
    for sequence, age in enumerate(ages, 1):
        await shop.admin.execute(AGED, gadget.id, age, sequence)
    return gadget


async def stock(shop: Served, gadget: Gadget, ago: str) -> int:
    then = {"seconds": await shop.admin.fetchval(THEN, ago)}
    return int((await shop.as_("rep").GetGadget(id=gadget.id, read_time=then)).stock)


async def test_old_revisions_go_but_for_the_one_that_still_tells(shop: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "BATCH", 2)
    gadget = await aged(shop, "40 months", "30 months", "20 months", "14 months", "12 months", "1 day")
    alone, young = await aged(shop, "50 months"), await aged(shop, "12 months", "11 months")
    pool, history = await open_pool(shop.urls.worker, 1), OldHistory()
    assert await history.sweep(pool) == 3
    assert [await stock(shop, gadget, ago) for ago in ("390 days", "11 months", "0")] == [4, 5, 6]
    then = {"seconds": await shop.admin.fetchval(THEN, "20 months")}
    assert await refusal(shop.as_("rep").GetGadget(id=gadget.id, read_time=then)) == Refused("NOT_FOUND", "NOT_FOUND")
    assert (await stock(shop, alone, "13 months"), await stock(shop, young, "350 days")) == (1, 1)
    assert await history.sweep(pool) == 0
    await shop.admin.execute(AGED, gadget.id, "13 months 1 minute", 5)
    assert await history.sweep(pool) == 1, "what has come to be past it since"
    await pool.close()


async def test_the_worker_deletes_no_young_history_and_the_app_none(shop: Served) -> None:
    await aged(shop, "14 months", "12 months")
    for role, gone in (("worker", "DELETE 1"), ("app", "")):
        connection = await asyncpg.connect(getattr(shop.urls, role))
        if gone:
            assert await connection.execute("delete from history") == gone
        else:
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute("delete from history")
        await connection.close()
