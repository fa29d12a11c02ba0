"""How many records a changed role would show and hide, counted by the service that keeps them (B-03)."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest

from chassis.access.caller import Caller, Reach, RoleChange
from chassis.access.sight import Level, SharedBy
from chassis.resource import preview
from chassis.testing.serving import Served, refusal
from tests.chassis.gadgets import NORTH, grants

ROLE = {"id": str(uuid4()), "role": {"display_name": "Any"}}


def will_be(shop: Served, *holders: tuple[str, Mapping[str, Reach]], users: int = 0) -> None:
    """As identity would answer: these people, with these grants instead of theirs."""
    found = [(shop.people[who], replace(shop.people[who], grants=then)) for who, then in holders]
    shop.role_changes[:] = [RoleChange(users or len(found), found)]


async def previewed(shop: Served, who: str = "admin") -> dict[str, tuple[int, int, int, int, bool]]:
    said = await shop.as_(who).PreviewAccess(**ROLE)
    return {
        one.noun: (one.gaining_user_count, one.losing_user_count, one.gained_count, one.lost_count, one.is_capped)
        for one in said.nouns
    }


@pytest.fixture
async def stocked(shop: Served) -> Served:
    """Three of the rep's, two of a colleague's, one of the southerner's; one each is deleted."""
    change(shop, "admin", grants={**shop.people["admin"].grants, "identity.role.update": Reach.TENANT})
    for who, number in (("rep", 4), ("colleague", 3), ("southerner", 2)):
        for n in range(number):
            made = await shop.as_(who).CreateGadget(gadget={"display_name": f"{who} {n}", "stock": n})
        await shop.as_(who).DeleteGadget(id=made.id)
    return shop


def change(shop: Served, who: str, **more: Any) -> None:
    shop.people[who] = replace(shop.people[who], **more)


async def test_what_people_gain_and_lose_is_added_up(stocked: Served) -> None:
    will_be(stocked, ("rep", grants(Reach.TEAM)), ("southerner", grants(Reach.TENANT)), users=7)
    assert await previewed(stocked) == {"test.gadget": (2, 0, 2 + 5, 0, False)}
    will_be(stocked, ("manager", grants(Reach.OWN)), ("director", grants(Reach.TEAM)))
    assert await previewed(stocked) == {"test.gadget": (0, 2, 0, 5 + 1, False)}
    said = await stocked.as_("admin").PreviewAccess(**ROLE)
    assert (said.user_count, said.counted_user_count) == (2, 2)


async def test_what_is_granted_no_more_is_lost_and_what_stays_is_not_told(stocked: Served) -> None:
    await stocked.as_("rep").CreateShelf(shelf={"display_name": "top"})
    will_be(stocked, ("manager", {"test.shelf.read": Reach.TENANT}), ("rep", stocked.people["rep"].grants))
    assert await previewed(stocked) == {"test.gadget": (0, 1, 0, 5, False)}
    will_be(stocked, ("intern", {"test.gadget.read": Reach.TENANT, "test.shelf.read": Reach.OWN}))
    assert await previewed(stocked) == {"test.shelf": (1, 0, 1, 0, False)}  # a shelf is everybody's, or nobody's


async def test_what_was_shared_is_no_gain_and_no_loss(stocked: Served) -> None:
    first = (await stocked.as_("southerner").ListGadgets()).gadgets[0]
    rep = stocked.people["rep"]
    await stocked.as_("admin").ShareGadget(id=first.id, user_id=str(rep.user_id), level="READ")
    will_be(stocked, ("rep", grants(Reach.TENANT)))
    assert await previewed(stocked) == {"test.gadget": (1, 0, 2, 0, False)}
    change(stocked, "rep", shared_by={"test.gadget": (SharedBy("stock = 0", Level.READ),)})
    will_be(stocked, ("rep", grants(Reach.TENANT)))
    assert await previewed(stocked) == {"test.gadget": (1, 0, 1, 0, False)}


async def test_counting_ends_and_says_so(stocked: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    will_be(stocked, ("rep", grants(Reach.TENANT)))
    monkeypatch.setattr(preview, "SECONDS", -1.0)
    assert await previewed(stocked) == {"test.gadget": (0, 0, 0, 0, True)}
    monkeypatch.undo()
    (seed,) = (await stocked.as_("southerner").ListGadgets()).gadgets
    await stocked.admin.execute(
        "insert into gadget select (jsonb_populate_record(one, jsonb_build_object('id', uuidv7()))).*"
        " from gadget one, generate_series(1, $2::int) where one.id = $1",
        seed.id,
        preview.COUNTED,
    )
    assert await previewed(stocked) == {"test.gadget": (1, 0, preview.COUNTED, 0, True)}


async def test_only_who_may_change_roles_is_told(stocked: Served) -> None:
    will_be(stocked, ("rep", grants(Reach.TENANT)))
    for who in ("rep", "manager"):
        assert (await refusal(stocked.as_(who).PreviewAccess(**ROLE))).code == "PERMISSION_DENIED"
    change(stocked, "manager", grants={"identity.role.update": Reach.OWN})
    assert (await refusal(stocked.as_("manager").PreviewAccess(**ROLE))).code == "PERMISSION_DENIED"


async def test_without_identity_nothing_is_guessed(stocked: Served) -> None:
    assert (await refusal(stocked.as_("admin").PreviewAccess(**ROLE))).code == "UNAVAILABLE"


async def test_another_tenants_records_are_not_counted(stocked: Served) -> None:
    """S01: they are seen by nobody here, whatever a role says."""
    await stocked.as_("stranger").CreateGadget(gadget={"display_name": "theirs"})
    stocked.people["newcomer"] = Caller(stocked.people["rep"].tenant_id, uuid4(), {}, (NORTH,))
    will_be(stocked, ("newcomer", grants(Reach.TENANT)))
    found = await previewed(stocked)
    assert found["test.gadget"] == (1, 0, 6, 0, False)
