"""The audit trail (ID-14, B-05, S27): who did what to which record, from where, from what to what; in one chain."""

import asyncio
import json
import uuid
from typing import Any

import asyncpg
import grpc
import pytest

from chassis.audit.witness import BURST
from chassis.testing.serving import refusal
from kith.sales.v1.opportunity_pb2 import Opportunity, OpportunityEvent
from tests.identity.suite import World, until
from tests.identity.trail import consumer, entries, event, heard, records, waiting


async def test_a_change_is_in_the_trail_with_who_from_where_and_from_what_to_what(world: World) -> None:
    user = await world.user("lina", "Sales rep")
    await world.boss.UpdateUser(user={"id": user.id, "position": "Manager"}, update_mask={"paths": ["position"]})
    boss = await world.boss.WhoAmI()
    (entry,) = await entries(world, f'resource = "users/{user.id}" AND action = "updated"')
    assert (entry.noun, entry.creator_id, entry.outcome) == ("identity.user", boss.principal.user_id, entry.DONE)
    assert entry.credential in {f"sessions/{one.id}" for one in (await world.boss.ListSessions()).sessions}
    assert entry.address == "127.0.0.1"
    (change,) = entry.changes
    assert (change.field, change.old_value, change.new_value) == ("position", "", '"Manager"')


async def test_what_another_service_tells_is_in_the_trail_and_twice_told_is_once_there(world: World) -> None:
    await heard(world)
    id, actor = str(uuid.uuid4()), str(uuid.uuid4())
    after, before = Opportunity(id=id, description="big"), Opportunity(id=id, description="small")
    told = OpportunityEvent(verb="won", after=after, before=before, changed_fields=["description"], actor_id=actor)
    type = "kith.sales.opportunity.won.v1"
    one = event("sales", type, world.tenant.id, id, told, event_id=str(uuid.uuid4()), ce_address="10.1.2.3")
    await consumer(world)(records([one, one]))
    await consumer(world)(records([one], begin=7))
    (entry,) = await entries(world, 'noun = "sales.opportunity"')
    assert (entry.action, entry.resource, entry.creator_id) == ("won", f"opportunities/{id}", actor)
    assert (entry.address, entry.changes[0].old_value, entry.changes[0].new_value) == ("10.1.2.3", '"small"', '"big"')


async def test_an_event_of_a_release_to_come_is_in_the_trail_without_its_values(world: World) -> None:
    id = str(uuid.uuid4())
    one = event("sales", "kith.sales.novelty.made.v1", world.tenant.id, id, Opportunity(), event_id=str(uuid.uuid4()))
    await consumer(world)(records([one]))
    (entry,) = await entries(world, 'noun = "sales.novelty"')
    assert (entry.action, entry.resource, list(entry.changes)) == ("made", f"novelty/{id}", [])


async def test_a_refused_call_is_in_the_trail_with_the_record_it_named(world: World) -> None:
    user = await world.user("viktor", "Viewer")
    viewer = await world.signed_in("viktor")
    told = await refusal(viewer.SuspendUser(id=user.id))
    assert told.code == "PERMISSION_DENIED"
    (entry,) = await entries(world, 'action = "denied"')
    assert (entry.creator_id, entry.resource, entry.outcome) == (user.id, f"users/{user.id}", entry.REFUSED)
    assert (entry.permission, entry.reason) == ("identity.user.suspend", "PERMISSION_DENIED")
    assert entry.method == "kith.identity.v1.Users.SuspendUser"


async def test_a_flood_of_refusals_is_counted_and_fills_nothing(world: World) -> None:
    user = await world.user("viktor", "Viewer")
    viewer, floods = await world.signed_in("viktor"), 3 * int(BURST)
    for _ in range(floods):
        await refusal(viewer.SuspendUser(id=user.id))
    written = await world.admin.fetchval("select count(*) from outbox where aggregatetype = 'identity.audit'")
    assert BURST <= written < floods
    await world.replica.server._pipeline.close()
    found = await entries(world, 'action = "denied"')
    assert sum(entry.times for entry in found) == floods


async def test_who_may_read_everything_may_not_read_the_trail(world: World) -> None:
    await world.user("viktor", "Viewer")
    viewer = await world.signed_in("viktor")
    for asked in (viewer.ListAuditEntries(), viewer.VerifyAuditChain(), viewer.ExportAuditEntries()):
        assert (await refusal(asked)).code == "PERMISSION_DENIED"


async def test_the_trail_tells_nobody_what_a_record_would_not_tell_them(world: World) -> None:
    user = await world.user("lina", "Sales rep", position="Seller")
    grants = [{"permission": "identity.audit_entry.read", "reach": "TENANT"}]
    reads = {"permission": "identity.user.read", "reach": "TENANT"}
    blind = await world.boss.CreateRole(role={"display_name": "Auditor", "grants": grants})
    half = await world.boss.CreateRole(
        role={
            "display_name": "Half",
            "grants": [*grants, reads],
            "field_rights": [
                {"field": "identity.user.position", "right": "NONE"},
                {"field": "identity.user.email", "right": "MASKED"},
            ],
        }
    )
    await heard(world)
    for name, role in (("ann", blind), ("bob", half)):
        await world.user(name, role_ids=[role.id])
    asked = f'resource = "users/{user.id}" AND action = "created"'
    (seen,) = await entries(world, asked)
    assert {"position", "email"} <= {one.field for one in seen.changes}
    (none,) = (await (await world.signed_in("ann")).ListAuditEntries(filter=asked)).audit_entries
    assert {(one.field, one.new_value, one.salt) for one in none.changes} == {("", "", "")}
    (some,) = (await (await world.signed_in("bob")).ListAuditEntries(filter=asked)).audit_entries
    shown = {one.field: one.new_value for one in some.changes}
    assert "position" not in shown
    assert shown["email"] == '"***"'
    assert shown["display_name"] == '"lina"'


async def test_no_question_is_answered_by_a_value_in_the_trail(world: World) -> None:
    user = await world.user("lina", "Sales rep", position="Seller")
    await heard(world)
    for part in ("old_value", "new_value", "field"):
        for value in ('"Seller"', "position", "Seller"):
            asked = f'resource = "users/{user.id}" AND changes.{part} = {json.dumps(value)}'
            assert not (await world.boss.ListAuditEntries(filter=asked)).audit_entries


async def test_no_role_changes_or_removes_an_entry(world: World) -> None:
    await heard(world)
    for url in (world.urls.app, world.urls.worker, world.urls.owner, world.urls.admin):
        connection: Any = await asyncpg.connect(url)
        try:
            await connection.execute("select set_config('kith.tenant_id', $1, false)", world.tenant.id)
            for sql in ("update audit_entry set action = 'x'", "delete from audit_entry", "truncate audit_entry"):
                with pytest.raises(asyncpg.InsufficientPrivilegeError):
                    await connection.execute(sql)
        finally:
            await connection.close()


async def test_what_was_taken_out_is_in_the_trail(world: World) -> None:
    await heard(world)
    found = await world.boss.ExportAuditEntries()
    assert found.audit_entries[0].sequence == 1
    (entry,) = await entries(world, 'action = "exported"')
    assert (entry.noun, entry.times) == ("identity.audit_entry", len(found.audit_entries))


async def test_entries_are_found_by_who_what_and_when(world: World) -> None:
    user = await world.user("lina", "Sales rep")
    everything = await entries(world)
    boss = (await world.boss.WhoAmI()).principal.user_id
    mine = await entries(world, "creator_id = me")
    assert mine
    assert all(entry.creator_id == boss for entry in mine)
    assert await entries(world, f'resource = "users/{user.id}"')
    assert await entries(world, "create_time > now-1h") == everything
    assert not await entries(world, "create_time < now-1h")
    assert {entry.sequence for entry in everything} == set(range(1, len(everything) + 1))


async def test_a_tenant_sees_its_own_trail_only(world: World) -> None:
    await world.provision("rival", "rita@rival.example")
    rita = world.replica.as_((await world.sign_in("rita@rival.example")).access_token)
    await heard(world)
    theirs = (await rita.ListAuditEntries(page_size=200)).audit_entries
    ours = await entries(world)
    assert theirs
    assert {entry.id for entry in theirs}.isdisjoint({entry.id for entry in ours})
    assert [entry.sequence for entry in theirs] == list(range(len(theirs), 0, -1))
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await rita.GetAuditEntry(id=ours[0].id)
    assert refused.value.code() is grpc.StatusCode.NOT_FOUND


async def test_two_consumers_at_once_make_one_chain(world: World) -> None:
    """Both come to the end of the chain at the same time, since it is held until they wait for it."""
    found = await waiting(world)
    half = len(found) // 2
    await consumer(world)(records([found[0].message]))
    lists = [records([one.message for one in some], begin) for some, begin in ((found[:half], 0), (found[half:], 50))]
    holder = await asyncpg.connect(world.urls.admin)
    try:
        async with holder.transaction():
            await holder.execute("select 1 from audit_head for update")
            both = [asyncio.create_task(consumer(world)(some)) for some in lists]
            await until(lambda: are_waiting(world, 2), 30)
        await asyncio.gather(*both)
    finally:
        await holder.close()
    assert (await world.boss.VerifyAuditChain()).sound
    assert [entry.sequence for entry in await entries(world)] == list(range(1, len(found) + 1))


async def are_waiting(world: World, number: int) -> bool:
    sql = "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"
    return bool(await world.admin.fetchval(sql) >= number)
