"""ID-13: programs of the tenant's own hold roles, never more than who gives them; out is out for them too."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from chassis.errors import Unauthenticated
from chassis.testing.serving import Client
from tests.identity.suite import World, neighbour, refused, until
from tests.identity.trail import entries

OUT_SECONDS = 30.0  # promised are 5, on a machine that does nothing else
KEEPER = ("identity.service_account.*", "identity.api_key.*", "identity.role.read", "sales.lead.*")


@pytest.fixture
async def sales(world: World) -> AsyncIterator[Any]:
    """Another service, in whose process callers are kept."""
    async with neighbour(world.replica) as (authentication, _):
        await until(lambda: authentication._principals._listening)
        yield authentication


async def is_out(sales: Any, secret: str) -> bool:
    try:
        await sales.authenticate([("authorization", f"Bearer {secret}")])
    except Unauthenticated:
        return True
    return False


async def account(world: World, *roles: str, **fields: Any) -> Any:
    given = {"display_name": "Shop", "role_ids": [world.roles[one] for one in roles]}
    return await world.boss.CreateServiceAccount(service_account=given | fields)


async def key_of(world: World, account: Any, **fields: Any) -> Any:
    given = {"display_name": "key", "service_account_id": account.id}
    return await world.boss.CreateApiKey(api_key=given | fields)


async def keeper(world: World) -> Client:
    """Who may manage service accounts, and of records only leads."""
    grants = [{"permission": one, "reach": "TENANT"} for one in KEEPER]
    world.roles["Keeper"] = (await world.boss.CreateRole(role={"display_name": "Keeper", "grants": grants})).id
    await world.user("kim", "Keeper")
    return await world.signed_in("kim")


async def test_it_calls_as_itself_with_its_roles_within_the_scopes_of_its_key(world: World) -> None:
    shop = await account(world, "Admin")
    whole, few = await key_of(world, shop), await key_of(world, shop, scopes=["identity.role.*"])
    said = await world.replica.as_(whole.secret).WhoAmI()
    assert (said.principal.user_id, said.display_name, said.email) == (shop.id, "Shop", "")
    assert [grant.permission for grant in said.principal.grants] == ["*"]
    few_grants = (await world.replica.as_(few.secret).WhoAmI()).principal.grants
    assert [grant.permission for grant in few_grants] == ["identity.role.*"]
    made = await world.replica.as_(few.secret).CreateRole(role={"display_name": "Made by a program"})
    assert made.creator_id == shop.id
    assert await refused(world.replica.as_(few.secret).CreateTeam(team={"display_name": "No"})) == "PERMISSION_DENIED"
    found = await entries(world, f'resource = "roles/{made.id}"')
    assert [(one.action, one.creator_id) for one in found] == [("created", shop.id)]
    await world.boss.UpdateServiceAccount(
        service_account={"id": shop.id, "role_ids": []}, update_mask={"paths": ["role_ids"]}
    )

    async def has_nothing() -> bool:
        return not (await world.replica.as_(whole.secret).WhoAmI()).principal.grants

    await until(has_nothing, OUT_SECONDS)


async def test_a_policy_of_second_factors_asks_none_of_a_program(world: World) -> None:
    key = await key_of(world, await account(world, "Viewer"))
    await world.admin.execute("""update tenant set security_policy = '{"mfa_required": true}'""")
    assert (await world.replica.as_(key.secret).ListRoles()).roles


@pytest.mark.parametrize("how", ["suspend", "delete", "revoke"])
async def test_out_is_out_everywhere_within_five_seconds(world: World, sales: Any, how: str) -> None:
    """S17."""
    shop, other = await account(world, "Viewer"), await account(world, "Viewer")
    key, stays = await key_of(world, shop), await key_of(world, other)
    assert not await is_out(sales, key.secret)
    match how:
        case "suspend":
            await world.boss.SuspendServiceAccount(id=shop.id)
        case "delete":
            await world.boss.DeleteServiceAccount(id=shop.id)
        case "revoke":
            await world.boss.RevokeApiKey(id=key.api_key.id)
    await until(lambda: is_out(sales, key.secret), seconds=OUT_SECONDS)
    assert not await is_out(sales, stays.secret)


async def test_a_suspended_one_comes_back_with_its_keys_and_a_deleted_one_without(world: World, sales: Any) -> None:
    shop = await account(world, "Viewer")
    key = await key_of(world, shop)
    assert await refused(world.boss.ResumeServiceAccount(id=shop.id)) == "NOT_SUSPENDED"
    assert (await world.boss.SuspendServiceAccount(id=shop.id)).state == shop.SUSPENDED
    await until(lambda: is_out(sales, key.secret), seconds=OUT_SECONDS)
    assert (await world.boss.ResumeServiceAccount(id=shop.id)).state == shop.ACTIVE
    assert not await is_out(sales, key.secret)
    await world.boss.DeleteServiceAccount(id=shop.id)
    assert (await world.boss.GetApiKey(id=key.api_key.id)).state == key.api_key.REVOKED
    await world.boss.UndeleteServiceAccount(id=shop.id)
    await until(lambda: is_out(sales, key.secret), seconds=OUT_SECONDS)
    verbs = [one.verb for one in (await world.boss.ListServiceAccountRevisions(id=shop.id)).revisions]
    assert verbs == ["undeleted", "deleted", "resumed", "suspended", "created"]


async def test_nobody_makes_one_that_may_do_more_than_they_may(world: World) -> None:
    kim = await keeper(world)
    strong, put_away = await account(world, "Admin"), await account(world, "Admin")
    weak = await account(world, "Keeper")
    key = await key_of(world, strong)
    await world.boss.DeleteServiceAccount(id=put_away.id)
    admin = [world.roles["Admin"]]
    for asked in (
        kim.CreateServiceAccount(service_account={"display_name": "Mine", "role_ids": admin}),
        kim.UpdateServiceAccount(service_account={"id": weak.id, "role_ids": admin}),
        kim.UpdateServiceAccount(
            service_account={"id": strong.id, "role_ids": []}, update_mask={"paths": ["role_ids"]}
        ),
        kim.UndeleteServiceAccount(id=put_away.id),
        kim.CreateApiKey(api_key={"display_name": "k", "service_account_id": strong.id}),
        kim.RotateApiKey(id=key.api_key.id),
    ):
        assert await refused(asked) == "GRANT_TOO_WIDE"
    assert (await world.boss.GetServiceAccount(id=weak.id)).role_ids == [world.roles["Keeper"]]
    within = {"display_name": "k", "service_account_id": strong.id, "scopes": ["sales.lead.read"]}
    assert (await kim.CreateApiKey(api_key=within)).secret


async def test_a_program_makes_keys_of_its_own_and_of_no_more_scopes(world: World) -> None:
    shop = await account(world, "Admin")
    few = world.replica.as_((await key_of(world, shop, scopes=["identity.api_key.*"])).secret)
    own = {"display_name": "own", "scopes": ["identity.api_key.read"]}
    made = (await few.CreateApiKey(api_key=own)).api_key
    assert (made.service_account_id, made.user_id) == (shop.id, "")
    assert await refused(few.CreateApiKey(api_key={"display_name": "all"})) == "GRANT_TOO_WIDE"


async def test_a_key_has_one_holder_who_may_call(world: World) -> None:
    shop, ann = await account(world), await world.user("ann")
    both = {"display_name": "k", "service_account_id": shop.id, "user_id": ann.id}
    assert await refused(world.boss.CreateApiKey(api_key=both)) == "INVALID_ARGUMENT"
    await world.boss.SuspendServiceAccount(id=shop.id)
    assert await refused(world.boss.CreateApiKey(api_key=both | {"user_id": ""})) == "INVALID_ARGUMENT"
    nobody = both | {"user_id": "", "service_account_id": world.tenant.id}
    assert await refused(world.boss.CreateApiKey(api_key=nobody)) == "INVALID_ARGUMENT"


async def test_it_is_no_admin_who_could_stay(world: World) -> None:
    await account(world, "Admin")
    boss = (await world.boss.WhoAmI()).principal.user_id
    assert await refused(world.boss.SuspendUser(id=boss)) == "LAST_ADMIN"
