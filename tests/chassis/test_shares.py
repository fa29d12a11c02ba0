"""One record shared with a user or a team is seen on every path alike, and by nobody else (ID-12, S06)."""

from datetime import timedelta
from typing import Any

import grpc
import pytest

from chassis.clock import now
from chassis.testing.serving import Refused, Served, refusal
from kith.test.v1.gadget_pb2 import Gadget, GadgetEvent
from kith.v1.share_pb2 import Share
from tests.chassis.gadgets import NORTH, SOUTH

NOT_FOUND = Refused("NOT_FOUND", "NOT_FOUND")
STOCK = 3


@pytest.fixture
async def gadget(shop: Served) -> Gadget:
    """The rep's, whom the southerner shares nothing with yet; the admin shares it out."""
    made: Gadget = await shop.as_("rep").CreateGadget(gadget={"display_name": "lathe", "stock": STOCK})
    return made


async def share(shop: Served, gadget: Gadget, who: str = "southerner", level: str = "READ", **more: Any) -> Gadget:
    if not {"user_id", "team_id"} & more.keys():
        more["user_id"] = str(shop.people[who].user_id)
    shared: Gadget = await shop.as_("admin").ShareGadget(id=gadget.id, level=level, **more)
    return shared


async def paths(shop: Served, gadget: Gadget, user: str) -> dict[str, bool]:
    """Whether each path shows the gadget to `user`."""
    their = shop.as_(user)
    got: Any = None
    try:
        got = await their.GetGadget(id=gadget.id)
        revisions = bool((await their.ListGadgetRevisions(id=gadget.id)).revisions)
        past = await their.GetGadget(id=gadget.id, read_time=gadget.create_time)
    except grpc.aio.AioRpcError:
        revisions, past = False, None
    listed = await their.ListGadgets(with_total=True, exact_total=True)
    rows = (await their.AggregateGadgets(measures=["sum(stock)"])).rows
    return {
        "get": bool(got),
        "history": revisions,
        "past": bool(past),
        "batch": bool((await their.BatchGetGadgets(ids=[gadget.id])).gadgets),
        "list": gadget.id in {one.id for one in listed.gadgets},
        "total": listed.total_size == 1,
        "count": rows[0].count == 1,
        "sum": rows[0].values[0].integer == STOCK,
        "search": bool((await their.ListGadgets(filter="lathe")).gadgets),
        "filter": bool((await their.ListGadgets(filter="stock = 3")).gadgets),
    }


async def test_a_shared_record_is_seen_on_every_path_and_an_unshared_one_on_none(shop: Served, gadget: Gadget) -> None:
    assert not any((await paths(shop, gadget, "southerner")).values())
    await share(shop, gadget)
    assert all((await paths(shop, gadget, "southerner")).values()), await paths(shop, gadget, "southerner")
    assert not any((await paths(shop, gadget, "colleague")).values())
    await shop.as_("admin").UnshareGadget(id=gadget.id, user_id=str(shop.people["southerner"].user_id))
    assert not any((await paths(shop, gadget, "southerner")).values())


async def test_a_team_is_shared_with_for_as_long_as_one_is_in_it(shop: Served, gadget: Gadget) -> None:
    await share(shop, gadget, team_id=str(SOUTH))
    assert all((await paths(shop, gadget, "southerner")).values())
    assert not any((await paths(shop, gadget, "colleague")).values())
    await share(shop, gadget, team_id=str(NORTH))
    assert all((await paths(shop, gadget, "colleague")).values())


async def test_a_share_to_read_lets_nothing_be_changed(shop: Served, gadget: Gadget) -> None:
    await share(shop, gadget)
    their = shop.as_("southerner")
    for change in (
        their.UpdateGadget(gadget={"id": gadget.id, "stock": 9}),
        their.RetireGadget(id=gadget.id),
        their.DeleteGadget(id=gadget.id),
    ):
        assert (await refusal(change)).code == "PERMISSION_DENIED"


async def test_a_share_to_write_takes_verbs_but_neither_delete_nor_transfer_nor_sharing_on(
    shop: Served, gadget: Gadget
) -> None:
    await share(shop, gadget, level="WRITE")
    their, me = shop.as_("southerner"), str(shop.people["southerner"].user_id)
    assert (await their.UpdateGadget(gadget={"id": gadget.id, "stock": 9})).stock == 9
    assert (await their.RetireGadget(id=gadget.id)).state == Gadget.RETIRED
    for more in (
        their.DeleteGadget(id=gadget.id),
        their.UndeleteGadget(id=gadget.id),
        their.TransferGadget(id=gadget.id, owner_id=me),
        their.ShareGadget(id=gadget.id, user_id=me, level="WRITE"),
        their.UnshareGadget(id=gadget.id, user_id=me),
    ):
        assert (await refusal(more)).code == "PERMISSION_DENIED"


async def test_a_share_ends_by_itself(shop: Served, gadget: Gadget) -> None:
    await share(shop, gadget, expire_time=now() + timedelta(days=1))
    assert (await shop.as_("southerner").GetGadget(id=gadget.id)).id == gadget.id
    await shop.admin.execute("update share set expire_time = now() - interval '1 second'")
    assert not any((await paths(shop, gadget, "southerner")).values())
    assert not (await shop.as_("rep").ListGadgetShares(id=gadget.id)).shares


async def test_sharing_is_told_and_kept(shop: Served, gadget: Gadget) -> None:
    me = str(shop.people["southerner"].user_id)
    shared = await share(shop, gadget, reason="holiday")
    assert await share(shop, gadget, reason="holiday") == shared
    await shop.as_("admin").UnshareGadget(id=gadget.id, user_id=me)
    types = [type for type, _ in await shop.events("test.gadget")]
    assert types == [f"kith.test.gadget.{verb}.v1" for verb in ("created", "shared", "unshared")]
    told = [GadgetEvent.FromString(raw).share for _, raw in await shop.events("test.gadget")]
    assert [(one.user_id, one.level, one.reason) for one in told[1:]] == [(me, Share.READ, "holiday")] * 2
    assert told[1].creator_id == str(shop.people["admin"].user_id)
    revisions = (await shop.as_("rep").ListGadgetRevisions(id=gadget.id)).revisions
    assert [one.share.user_id for one in revisions] == [me, me, ""]
    again = shop.as_("admin").UnshareGadget(id=gadget.id, user_id=me)
    assert (await refusal(again)).reason == "NOT_SHARED"


async def test_whom_a_record_is_shared_with_is_listed_page_by_page(shop: Served, gadget: Gadget) -> None:
    for who in ("southerner", "colleague"):
        await share(shop, gadget, who)
    await share(shop, gadget, team_id=str(SOUTH), level="WRITE")
    found: list[Share] = []
    token = ""
    for _ in range(3):
        listed = await shop.as_("rep").ListGadgetShares(id=gadget.id, page_size=1, page_token=token)
        found, token = [*found, *listed.shares], listed.next_page_token
    wanted = {str(shop.people[who].user_id) for who in ("southerner", "colleague")} | {str(SOUTH)}
    assert {one.user_id or one.team_id for one in found} == wanted
    assert not token
    assert await refusal(shop.as_("stranger").ListGadgetShares(id=gadget.id)) == NOT_FOUND


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"user_id": "stranger"}, "user_id"),
        ({"user_id": "nobody"}, "user_id"),
        ({"team_id": "nobody"}, "team_id"),
        ({}, "user_id"),
        ({"user_id": "colleague", "team_id": "colleague"}, "user_id"),
        ({"user_id": "colleague", "level": "LEVEL_UNSPECIFIED"}, "level"),
        ({"user_id": "colleague", "expire_time": "2001-01-01T00:00:00Z"}, "expire_time"),
    ],
)
async def test_nothing_is_shared_with_nobody_nor_with_another_tenant(
    shop: Served, gadget: Gadget, given: dict[str, str], field: str
) -> None:
    known = {name: str(caller.user_id) for name, caller in shop.people.items()} | {"nobody": gadget.id}
    asked: Any = {"level": "READ"} | {
        name: known[value] if name.endswith("_id") else value for name, value in given.items()
    }
    if "expire_time" in asked:
        asked["expire_time"] = gadget.create_time
    refused = await refusal(shop.as_("admin").ShareGadget(id=gadget.id, **asked))
    assert (refused.code, list(refused.fields)) == ("INVALID_ARGUMENT", [field])
    assert not await shop.admin.fetch("select * from share")


async def test_a_trial_shares_nothing(shop: Served, gadget: Gadget) -> None:
    await share(shop, gadget, validate_only=True)
    assert not any((await paths(shop, gadget, "southerner")).values())


async def test_who_was_never_shared_with_asks_for_no_shares(shop: Served, gadget: Gadget) -> None:
    async with shop.call("southerner", "test.gadget.read") as call:
        view = call.view(shop.methods["GetGadget"].answers)  # type: ignore[arg-type]  # a noun's method
        assert "share" not in str(view.rows)
    await share(shop, gadget)
    async with shop.call("southerner", "test.gadget.read") as call:
        assert "share" in str(call.view(shop.methods["GetGadget"].answers).rows)  # type: ignore[arg-type]  # as above
