"""What services ask identity before they share a record with somebody, and what principals say since (ID-12)."""

from uuid import UUID, uuid4

from chassis.testing.serving import refusal
from tests.identity.suite import KEYS, World, neighbour, until

LEAD, CASE = "sales.lead", "service_desk.case"


async def test_a_principal_tells_of_which_nouns_anything_was_shared_with_them_or_their_teams(world: World) -> None:
    team = await world.boss.CreateTeam(team={"display_name": "EU support"})
    ann = await world.user("ann", "Sales rep", team_ids=[team.id])
    bob = await world.user("bob", "Sales rep")
    sales = world.replica.as_(KEYS["sales"])
    assert (await sales.NoteShare(tenant_id=world.tenant.id, user_id=bob.id, noun=LEAD)).is_there
    assert (await sales.NoteShare(tenant_id=world.tenant.id, user_id=bob.id, noun=LEAD)).is_there
    assert (await sales.NoteShare(tenant_id=world.tenant.id, team_id=team.id, noun=CASE)).is_there
    told = {user.id: [*(await world.caller_of(user)).shared_nouns] for user in (ann, bob)}
    assert told == {ann.id: [CASE], bob.id: [LEAD]}


async def test_nobody_is_shared_with_who_is_not_there(world: World) -> None:
    team = await world.boss.CreateTeam(team={"display_name": "Gone"})
    ann = await world.user("ann", "Sales rep")
    sales = world.replica.as_(KEYS["sales"])
    await world.boss.DeleteTeam(id=team.id)
    await world.boss.SuspendUser(id=ann.id)
    other = await world.provision("rival", "eve@rival.example")
    asked = [
        {"user_id": ann.id},
        {"team_id": team.id},
        {"user_id": team.id},
        {"user_id": str(uuid4())},
        {},
    ]
    for grantee in asked:
        assert not (await sales.NoteShare(tenant_id=world.tenant.id, noun=LEAD, **grantee)).is_there, grantee
    await world.boss.ResumeUser(id=ann.id)
    assert not (await sales.NoteShare(tenant_id=other.id, noun=LEAD, user_id=ann.id)).is_there
    assert not await world.admin.fetch("select * from shared_with")


async def test_only_services_note_shares(world: World) -> None:
    ann = await world.user("ann", "Admin")
    asked = (await world.signed_in("ann")).NoteShare(tenant_id=world.tenant.id, user_id=ann.id, noun=LEAD)
    assert (await refusal(asked)).code == "PERMISSION_DENIED"


async def test_a_kept_principal_is_dropped_once_something_is_shared(world: World) -> None:
    ann = await world.user("ann", "Sales rep")
    token = (await world.sign_in("ann@acme.example")).access_token
    async with neighbour(world.replica) as (authentication, _):
        await until(lambda: authentication._principals._listening, 30)

        async def shared() -> frozenset[str]:
            return (await authentication.authenticate([("authorization", f"Bearer {token}")])).shared

        assert not await shared()
        note = authentication._shown_to
        assert await note(UUID(world.tenant.id), LEAD, UUID(ann.id), False)
        assert not await note(UUID(world.tenant.id), LEAD, UUID(ann.id), True)
        await until(shared, 30)
        assert await shared() == {LEAD}
