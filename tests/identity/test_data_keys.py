"""The keys of sensitive fields (ID-16): made once a tenant, kept wrapped, told to the suite's services alone."""

import asyncio
import json
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from typer.testing import CliRunner

from chassis.call import Means
from chassis.testing.serving import refusal
from cli import main as command_line
from tests.identity.suite import KEYS, World, neighbour
from tests.identity.trail import entries


async def keys(world: World, tenant: str = "") -> dict[int, bytes]:
    found = await world.replica.as_(KEYS["contacts"]).GetDataKeys(tenant_id=tenant or world.tenant.id)
    assert found.current in {one.version for one in found.keys}
    return {one.version: one.key for one in found.keys}


async def test_a_tenant_has_a_key_of_its_own_from_the_first_question_on(world: World) -> None:
    rival = await world.provision("rival", "rita@rival.example")
    first, again, theirs = await keys(world), await keys(world), await keys(world, rival.id)
    assert first == again
    assert first[1] != theirs[1]
    AESGCM(first[1])


async def test_nobody_but_a_service_is_told_and_no_table_holds_one(world: World) -> None:
    made = await keys(world)
    for client in (world.boss, world.platform, world.replica.as_(KEYS["gateway"])):
        assert (await refusal(client.GetDataKeys(tenant_id=world.tenant.id))).code == "PERMISSION_DENIED"
    assert (await refusal(world.nobody.GetDataKeys(tenant_id=world.tenant.id))).code == "UNAUTHENTICATED"
    (row,) = await world.admin.fetch("select wrapped from data_key")
    assert made[1] not in row["wrapped"]


async def test_for_no_tenant_no_key_is_made(world: World) -> None:
    found = await refusal(world.replica.as_(KEYS["contacts"]).GetDataKeys(tenant_id=str(uuid4())))
    assert found.code == "NOT_FOUND"
    assert not await world.admin.fetchval("select count(*) from data_key")


async def test_those_who_ask_at_once_are_told_the_same(world: World) -> None:
    found = await asyncio.gather(*(keys(world) for _ in range(5)))
    assert all(one == found[0] for one in found)


async def test_another_key_is_told_before_it_is_used_and_the_old_one_stays(world: World) -> None:
    service = world.replica.as_(KEYS["contacts"])
    first = await keys(world)
    await world.boss.RotateDataKey(id=world.tenant.id)
    found = await service.GetDataKeys(tenant_id=world.tenant.id)
    assert (found.current, len(found.keys)) == (1, 2)
    await world.admin.execute("update data_key set begin_time = begin_time - $1::interval", timedelta(minutes=10))
    found = await service.GetDataKeys(tenant_id=world.tenant.id)
    assert found.current == 2
    assert {one.version: one.key for one in found.keys}[1] == first[1]
    (entry,) = await entries(world, 'action = "key_rotated"')
    assert entry.resource == f"tenants/{world.tenant.id}"


async def test_a_service_opens_what_another_of_its_processes_sealed(world: World) -> None:
    rings = []
    for _ in range(2):
        async with neighbour(world.replica, "contacts") as (authentication, _):
            known = authentication.means(Means()).data_keys
            assert known is not None
            rings.append(await known.of(UUID(world.tenant.id)))
    assert rings[1].open(b"here", rings[0].seal(b"here", "text")) == "text"


async def test_the_command_makes_another_key(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    user = (await world.boss.WhoAmI()).principal.user_id
    key = await world.boss.CreateApiKey(api_key={"display_name": "Keys", "user_id": user})
    monkeypatch.setenv("KITH_HOME", str(tmp_path))
    (tmp_path / "demo.json").write_text(
        json.dumps({"api_key": key.secret, "grpc": {"identity": f"127.0.0.1:{world.replica.port}"}})
    )
    before = await keys(world)
    told = await asyncio.to_thread(CliRunner().invoke, command_line.app, ["keys", "rotate"])
    assert (told.exit_code, len(await keys(world))) == (0, len(before) + 1)
