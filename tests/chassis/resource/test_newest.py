"""The newest records in sight are the same ones, however far back they lie and whichever way they are seen (ID-08)."""

import uuid
from dataclasses import replace

import pytest

from chassis.resource.newest import NEAR
from chassis.testing.serving import Served
from tests.chassis.gadgets import ACME, NORTH, SOUTH

EAST, WEST = uuid.uuid4(), uuid.uuid4()  # teams that nobody here is in
_MORE = """
insert into gadget select (jsonb_populate_record(one, jsonb_build_object(
  'id', uuidv7(), 'owner_id', coalesce($2, uuidv7()), 'team_id', $3::uuid, 'delete_time', $4::timestamptz))).*
from gadget one, generate_series(1, $5::int) where one.id = $1
"""


async def more(shop: Served, number: int, *, owner: str = "", team: uuid.UUID = EAST, deleted: bool = False) -> None:
    """Newer ones than all there are."""
    seed = await shop.admin.fetchval("select id from gadget order by id limit 1")
    owner_id = shop.people[owner].user_id if owner else None
    when = await shop.admin.fetchval("select now()") if deleted else None
    await shop.admin.execute(_MORE, seed, owner_id, team, when, number)


async def walked(shop: Served, who: str, **asked: object) -> list[str]:
    seen, token = list[str](), ""
    while token or not seen:
        page = await shop.as_(who).ListGadgets(page_size=7, page_token=token, **asked)
        seen, token = [*seen, *(one.id for one in page.gadgets)], page.next_page_token
    return seen


@pytest.fixture
async def crowd(shop: Served) -> Served:
    """Some of everybody's, old and new, with more than are gone through at once between them."""
    first = await shop.as_("rep").CreateGadget(gadget={"display_name": "first"})
    for number in (5, 12):
        await more(shop, number, owner="director", team=EAST)
        await more(shop, number, team=NORTH)
        await more(shop, number, team=SOUTH)
        await more(shop, number, team=SOUTH, deleted=True)
        await more(shop, number, owner="director", team=NORTH, deleted=True)
        await more(shop, NEAR + 100, team=WEST)
    await more(shop, 3, team=SOUTH)
    shared = await shop.admin.fetch("select id from gadget where team_id = $1 order by random() limit 9", WEST)
    for one in [str(first.id), *(str(row["id"]) for row in shared)]:
        for who in ("director", "rep"):
            given = {"id": one, "user_id": str(shop.people[who].user_id), "level": "READ"}
            await shop.as_("admin").ShareGadget(**given)
    return shop


@pytest.mark.parametrize("deleted", [False, True])
async def test_a_walk_through_the_newest_ends_with_all_in_sight_and_no_other(crowd: Served, deleted: bool) -> None:
    teams = {"director": [NORTH, SOUTH], "manager": [NORTH], "rep": []}
    for who, theirs in teams.items():
        rows = await crowd.admin.fetch(
            "select id from gadget where tenant_id = $1 and (delete_time is null or $2) and (owner_id = $3"
            " or team_id = any($4::uuid[]) or id in (select record_id from share where grantee_id = $3))"
            " order by id desc",
            ACME,
            deleted,
            crowd.people[who].user_id,
            theirs,
        )
        assert len(rows) > 7
        assert await walked(crowd, who, show_deleted=deleted) == [str(row["id"]) for row in rows], who


async def test_a_share_that_ended_shows_nothing(crowd: Served) -> None:
    before = await walked(crowd, "director")
    await crowd.admin.execute("update share set expire_time = now() - interval '1 second'")
    after = await walked(crowd, "director")
    gone = {*before} - {*after}
    assert (len(gone), [id for id in before if id not in gone]) == (9, after)


async def test_another_tenants_share_of_the_same_ids_shows_nothing(crowd: Served) -> None:
    """S01: whoever they are, what they see begins with their tenant."""
    director = crowd.people["director"]
    crowd.people["director"] = replace(director, tenant_id=crowd.people["stranger"].tenant_id)
    assert not (await crowd.as_("director").ListGadgets()).gadgets
