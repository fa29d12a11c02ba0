"""Who manages a team sees what belongs to it and to all below, within seconds and whatever team they are in (ID-10)."""

from uuid import uuid4

from chassis.access.caller import Caller
from chassis.testing.serving import refusal
from tests.identity.suite import World, neighbour, until
from tests.identity.test_people import team


async def test_a_manager_reaches_the_team_and_all_below_without_being_in_it(world: World) -> None:
    north = await team(world, "North")
    city, home = await team(world, "City", north), await team(world, "Home")
    ann = await world.user("ann", "Sales manager", team_ids=[home])
    await world.boss.UpdateTeam(team={"id": north, "manager_id": ann.id})
    principal = await world.caller_of(ann)
    assert [*principal.team_ids] == [home]  # whose records a grant as far as the team reaches
    assert ({*principal.teams_below}, [*principal.managed_team_ids]) == ({north, city}, [north])
    await world.boss.UpdateTeam(team={"id": home, "manager_id": ann.id})
    principal = await world.caller_of(ann)
    assert ({*principal.teams_below}, {*principal.managed_team_ids}) == ({north, city}, {north, home})
    await world.boss.DeleteTeam(id=city)
    await world.boss.UpdateTeam(team={"id": north, "manager_id": ""}, update_mask={"paths": ["manager_id"]})
    principal = await world.caller_of(ann)
    assert ([*principal.teams_below], [*principal.managed_team_ids]) == ([], [home])


async def test_a_service_sees_the_tree_move_while_it_listens(world: World) -> None:
    """ID-10: what is cached of a principal is dropped by the change; nobody signs in again."""
    north, south = await team(world, "North"), await team(world, "South")
    below = await team(world, "Below", south)
    ann = await world.user("ann", "Sales manager")
    token = (await world.sign_in("ann@acme.example")).access_token
    async with neighbour(world.replica) as (sales, _):

        async def ann_there() -> Caller:
            return await sales.authenticate((("authorization", f"Bearer {token}"),))

        async def reaches(*teams: str) -> bool:
            return {str(id) for id in (await ann_there()).teams_below} == {*teams}

        await until(lambda: reaches())
        await world.boss.UpdateTeam(team={"id": north, "manager_id": ann.id})
        await until(lambda: reaches(north))
        await world.boss.MoveTeam(id=south, parent_id=north)
        await until(lambda: reaches(north, south, below))
        await world.boss.MoveTeam(id=below)
        await until(lambda: reaches(north, south))


async def test_a_user_has_a_position_and_a_manager_who_is_another(world: World) -> None:
    ann, bob = await world.user("ann"), await world.user("bob")
    told = {"id": bob.id, "position": "Account Executive", "manager_id": ann.id}
    changed = await world.boss.UpdateUser(user=told)
    assert (changed.position, changed.manager_id) == ("Account Executive", ann.id)
    reports = await world.boss.ListUsers(filter=f'manager_id = "{ann.id}"')
    assert [one.id for one in reports.users] == [bob.id]
    for wrong in (bob.id, str(uuid4())):
        refused = await refusal(world.boss.UpdateUser(user={"id": bob.id, "manager_id": wrong}))
        assert (refused.code, [*refused.fields]) == ("INVALID_ARGUMENT", ["user.manager_id"])
