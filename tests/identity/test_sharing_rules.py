"""Rules that share records by what they are like, as identity keeps them and tells of them (ID-12)."""

from typing import Any

import pytest

from chassis.testing.serving import refusal
from tests.identity.suite import World

EU = 'company = "EU"'


async def rule(world: World, **given: Any) -> Any:
    fields = {"display_name": "EU leads", "noun": "sales.lead", "filter": EU, "level": "READ"} | given
    return await world.boss.CreateSharingRule(sharing_rule=fields)


async def reached(world: World, user: Any) -> list[tuple[str, str, int]]:
    return [(one.noun, one.filter, one.level) for one in (await world.caller_of(user)).shared_by]


async def test_a_rule_reaches_its_user_or_the_members_of_its_team_until_it_goes(world: World) -> None:
    team = await world.boss.CreateTeam(team={"display_name": "EU support"})
    ann = await world.user("ann", "Sales rep", team_ids=[team.id])
    bob = await world.user("bob", "Sales rep")
    mine = await rule(world, user_id=bob.id)
    await rule(
        world, display_name="team", team_id=team.id, level="WRITE", noun="service_desk.case", filter="priority = HIGH"
    )
    assert await reached(world, bob) == [("sales.lead", EU, 1)]
    assert await reached(world, ann) == [("service_desk.case", "priority = HIGH", 2)]
    version = (await world.caller_of(bob)).version
    await world.boss.UpdateSharingRule(sharing_rule={"id": mine.id, "filter": "company:*"})
    assert await reached(world, bob) == [("sales.lead", "company:*", 1)]
    await world.boss.DeleteSharingRule(id=mine.id)
    assert await reached(world, bob) == []
    assert (await world.caller_of(bob)).version == version + 2
    await world.boss.UndeleteSharingRule(id=mine.id)
    assert len(await reached(world, bob)) == 1


@pytest.mark.parametrize(
    ("given", "field", "reason"),
    [
        ({"filter": "colour = 1"}, "sharing_rule.filter", "INVALID_ARGUMENT"),
        ({"filter": "company ="}, "sharing_rule.filter", "INVALID_ARGUMENT"),
        ({"filter": ""}, "sharing_rule.filter", "INVALID_ARGUMENT"),
        ({"filter": 'contact.display_name = "A"'}, "sharing_rule.filter", "INVALID_ARGUMENT"),
        ({"noun": "sales.boat"}, "sharing_rule.noun", "NOT_SHAREABLE"),
        ({"noun": "sales.stage", "filter": "position = 1"}, "sharing_rule.noun", "NOT_SHAREABLE"),
        ({"noun": "identity.session", "filter": "device:*"}, "sharing_rule.noun", "NOT_SHAREABLE"),
        ({"user_id": "nobody"}, "sharing_rule.user_id", "INVALID_ARGUMENT"),
        ({"user_id": "suspended"}, "sharing_rule.user_id", "INVALID_ARGUMENT"),
        ({"user_id": "stranger"}, "sharing_rule.user_id", "INVALID_ARGUMENT"),
        ({"user_id": ""}, "sharing_rule.user_id", "INVALID_ARGUMENT"),
        ({"level": "LEVEL_UNSPECIFIED"}, "sharing_rule.level", "INVALID_ARGUMENT"),
    ],
)
async def test_a_rule_that_cannot_be_is_refused(world: World, given: dict[str, str], field: str, reason: str) -> None:
    ann, gone = await world.user("ann", "Sales rep"), await world.user("gone", "Sales rep")
    await world.boss.SuspendUser(id=gone.id)
    rival = await world.provision("rival", "eve@rival.example")
    known = {"": "", "nobody": world.roles["Viewer"], "suspended": gone.id, "stranger": rival.id}
    if "user_id" in given:
        given = given | {"user_id": known[given["user_id"]]}
    refused = await refusal(rule(world, **{"user_id": ann.id} | given))
    assert (refused.code, refused.reason, [*refused.fields]) == ("INVALID_ARGUMENT", reason, [field])
    assert not (await world.boss.ListSharingRules()).sharing_rules


async def test_nobody_shares_by_rule_what_they_may_not_share_or_see(world: World) -> None:
    grants = [{"permission": "identity.sharing_rule.*", "reach": "TENANT"}]
    narrow = await world.boss.CreateRole(
        role={"display_name": "narrow", "grants": [*grants, {"permission": "sales.lead.*", "reach": "TEAM"}]}
    )
    blind = await world.boss.CreateRole(
        role={
            "display_name": "blind",
            "grants": [*grants, {"permission": "sales.lead.*", "reach": "TENANT"}],
            "field_rights": [{"field": "sales.lead.company", "right": "MASKED"}],
        }
    )
    world.roles |= {"narrow": narrow.id, "blind": blind.id}
    wide = {"display_name": "r", "noun": "sales.lead", "filter": EU, "level": "READ"}
    for name, told in (("narrow", "GRANT_TOO_WIDE"), ("blind", "INVALID_ARGUMENT")):
        user = await world.user(name, name)
        asked = (await world.signed_in(name)).CreateSharingRule(sharing_rule=wide | {"user_id": user.id})
        assert (await refusal(asked)).reason == told
