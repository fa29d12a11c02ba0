"""What people are there for gives them their roles: by themselves, and by the team they join (ID-11)."""

from typing import Any
from uuid import UUID

from chassis.access.caller import Reach
from chassis.errors import PermissionDenied
from chassis.testing.serving import refusal
from tests.identity.suite import World, neighbour


async def serving_team(world: World, *functions: str) -> str:
    return str((await world.boss.CreateTeam(team={"display_name": "Service North", "functions": functions})).id)


async def reach(world: World, user: Any, permission: str) -> Reach:
    async with neighbour(world.replica) as (desk, _):
        principal = await desk.principal(*_ids(await world.caller_of(user)), None)
    try:
        return principal.reach(permission)
    except PermissionDenied:
        return Reach.NONE


def _ids(principal: Any) -> tuple[Any, Any]:
    return UUID(principal.tenant_id), UUID(principal.user_id)


async def test_a_new_member_of_a_service_team_works_a_case_at_once_and_opens_no_settings(world: World) -> None:
    team = await serving_team(world, "SERVICE")
    for name, made in (("ann", await world.user("ann", team_ids=[team])), ("bob", await world.user("bob"))):
        user = made if name == "ann" else await world.boss.SetTeams(id=made.id, team_ids=[team])
        assert [*user.role_ids] == [world.roles["Service agent"]]
        assert await reach(world, user, "service_desk.case.reply") == Reach.TEAM
        for closed in ("sales.pipeline.update", "sales.stage.create", "service_desk.queue.create"):
            assert await reach(world, user, closed) == Reach.NONE
        assert (await refusal((await world.signed_in(name)).ListRoles())).code == "PERMISSION_DENIED"


async def test_a_crm_manager_sees_all_figures_and_changes_no_record(world: World) -> None:
    ada = await world.user("ann", functions=["CRM_MANAGER"])
    for noun in ("sales.opportunity", "service_desk.case", "marketing.campaign", "contacts.account"):
        assert await reach(world, ada, f"{noun}.read") == Reach.TENANT
        assert await reach(world, ada, f"{noun}.update") == Reach.NONE
    assert await reach(world, ada, "sales.pipeline.update") == Reach.TENANT


async def test_roles_go_with_the_function_and_those_given_by_hand_stay(world: World) -> None:
    team = await serving_team(world, "SERVICE", "TECH_SUPPORT")
    service, support, viewer = (world.roles[one] for one in ("Service agent", "Technical support", "Viewer"))
    ann = await world.user("ann", "Viewer", team_ids=[team], functions=["SERVICE"])
    assert {*ann.role_ids} == {service, support, viewer}
    left = await world.boss.SetTeams(id=ann.id, team_ids=[])
    assert {*left.role_ids} == {service, viewer}  # whose function is still her own
    moved = await world.boss.SetFunctions(id=ann.id, functions=["SALES"])
    assert {*moved.role_ids} == {world.roles["Sales rep"], viewer}
    assert [*(await world.boss.SetFunctions(id=ann.id, functions=[])).role_ids] == [viewer]


async def test_the_set_is_the_tenants_own(world: World) -> None:
    agent, manager = world.roles["Service agent"], world.roles["Sales manager"]
    await world.boss.UpdateRole(role={"id": agent, "functions": []}, update_mask={"paths": ["functions"]})
    await world.boss.UpdateRole(role={"id": manager, "functions": ["SERVICE"]})
    ann = await world.user("ann", functions=["SERVICE"])
    assert [*ann.role_ids] == [manager]
    denying = {"display_name": "No", "mode": "DENY_LIST", "functions": ["SALES"]}
    assert [*(await refusal(world.boss.CreateRole(role=denying))).fields] == ["role.functions"]


async def test_nobody_gives_by_a_function_or_a_team_what_they_lack(world: World) -> None:
    lead = await world.boss.CreateRole(
        role={
            "display_name": "Team lead",
            "grants": [
                {"permission": f"identity.user.{verb}", "reach": "TENANT"}
                for verb in ("read", "create", "invite", "set_teams", "set_functions")
            ],
        }
    )
    team = await serving_team(world, "SERVICE")
    await world.user("ann", role_ids=[lead.id])
    bob, ann = await world.user("bob"), await world.signed_in("ann")
    new = {"email": "new@acme.example", "display_name": "New"}
    for refused in (
        ann.SetTeams(id=bob.id, team_ids=[team]),
        ann.SetFunctions(id=bob.id, functions=["SERVICE"]),
        ann.CreateUser(user=new | {"team_ids": [team]}),
        ann.CreateUser(user=new | {"functions": ["SALES"]}),
        ann.InviteUser(user=new | {"functions": ["SALES"]}),
    ):
        assert (await refusal(refused)).reason == "GRANT_TOO_WIDE"
    assert not (await world.boss.GetUser(id=bob.id)).role_ids


async def test_the_last_admin_keeps_what_a_function_gave(world: World) -> None:
    await world.boss.UpdateRole(role={"id": world.roles["Admin"], "functions": ["CRM_MANAGER"]})
    (ada,) = (await world.boss.ListUsers(filter='email = "admin@acme.example"')).users
    await world.boss.SetFunctions(id=ada.id, functions=["CRM_MANAGER"])
    assert (await refusal(world.boss.SetFunctions(id=ada.id, functions=[]))).reason == "LAST_ADMIN"
    left = await world.boss.DeactivateUser(id=(await world.user("bob")).id, successor_id=ada.id)
    assert (await refusal(world.boss.SetFunctions(id=left.id, functions=["SALES"]))).reason == "WRONG_STATE"
