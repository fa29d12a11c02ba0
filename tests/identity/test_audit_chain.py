"""What tampering with the audit trail leaves behind (B-05, S27): what, and where."""

import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import pytest
from google.protobuf.json_format import MessageToDict

from chassis.audit.chain import Entry, Walk, Wrong, hash_of
from chassis.audit.seal import head_bytes, is_sealed
from kith.identity.v1.audit_entry_pb2 import ChainFault
from tests.identity.suite import World
from tests.identity.trail import heard

Fault = ChainFault.Kind


@asynccontextmanager
async def thief(world: World) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    """Who can write the database as its superuser, and has put the trigger out of the way."""
    connection = await asyncpg.connect(world.urls.admin)
    try:
        await connection.execute("alter table audit_entry disable trigger stays")
        yield connection
    finally:
        await connection.close()


async def faults(world: World) -> list[tuple[int, str]]:
    found = await world.boss.VerifyAuditChain()
    assert found.sound is not bool(found.faults)
    return [(one.sequence, Fault.Name(one.kind)) for one in found.faults]


async def length(world: World) -> int:
    await heard(world)
    found = await world.boss.VerifyAuditChain()
    assert found.sound
    assert found.verified_sequence == found.head.sequence > 6
    return int(found.head.sequence)


@pytest.mark.parametrize(
    ("sql", "found"),
    [
        ("delete from audit_entry where sequence = 4", [(4, "REMOVED")]),
        ("delete from audit_entry where sequence in (3, 4)", [(3, "REMOVED")]),
        ("update audit_entry set creator_id = id where sequence = 4", [(4, "ALTERED")]),
        ("update audit_entry set act_time = act_time + interval '1 us' where sequence = 4", [(4, "ALTERED")]),
        ("update audit_entry set changes = '[]' where sequence = 4", [(4, "ALTERED")]),
        (
            "update audit_entry set sequence = case sequence when 4 then 5 else 4 end where sequence in (4, 5)",
            [(4, "MOVED"), (5, "MOVED"), (6, "MOVED")],
        ),
        ("update audit_head set seal = ''", [(0, "HEAD")]),
        ("delete from audit_head", [(0, "HEAD")]),
    ],
)
async def test_what_was_done_to_the_trail_is_found_and_where(
    world: World, sql: str, found: list[tuple[int, str]]
) -> None:
    end = await length(world)
    async with thief(world) as connection:
        await connection.execute(sql)
    kept = 0 if "delete from audit_head" in sql else end
    assert await faults(world) == [(at or kept, kind) for at, kind in found]


async def test_a_trail_without_an_entry_is_sound(world: World) -> None:
    found = await world.boss.VerifyAuditChain()
    assert (found.sound, found.verified_sequence, found.head.sequence) == (True, 0, 0)


async def test_a_value_put_in_place_of_another_is_found(world: World) -> None:
    await length(world)
    async with thief(world) as connection:
        forged = "jsonb_set(changes, '{0,old_value}', changes -> 1 -> 'old_value')"
        at = await connection.fetchval("select min(sequence) from audit_entry where jsonb_array_length(changes) > 1")
        await connection.execute(f"update audit_entry set changes = {forged} where sequence = $1", at)
    assert await faults(world) == [(at, "ALTERED")]


async def test_an_end_that_was_cut_off_is_found(world: World) -> None:
    end = await length(world)
    async with thief(world) as connection:
        await connection.execute("delete from audit_entry where sequence > $1", end - 2)
    assert await faults(world) == [(end - 1, "REMOVED")]


async def test_a_chain_that_was_made_anew_lacks_our_seal(world: World) -> None:
    """Whoever writes the database can make every hash right again, and not the seal of the head."""
    end = await length(world)
    exported = (await world.boss.ExportAuditEntries()).audit_entries
    async with thief(world) as connection:
        hash = ""
        for entry in exported:
            said = MessageToDict(entry, preserving_proto_field_name=True)
            if entry.sequence >= 4:
                said |= {"previous_hash": hash or entry.previous_hash, "action": "harmless"}
                hash = said["hash"] = hash_of(world.tenant.id, said)
                await connection.execute(
                    "update audit_entry set action = 'harmless', previous_hash = $2, hash = $3 where sequence = $1",
                    *(entry.sequence, said["previous_hash"], hash),
                )
        await connection.execute("update audit_head set hash = $1", hash)
    assert await faults(world) == [(end, "HEAD")]


async def test_an_export_is_verified_without_us(world: World) -> None:
    await length(world)
    found = await world.boss.ExportAuditEntries()
    told = [MessageToDict(entry, preserving_proto_field_name=True) for entry in found.audit_entries]
    assert any(change.get("salt") for entry in told for change in entry.get("changes", ()))
    assert walked(found.head, told) == []
    changed = next(n for n, entry in enumerate(told) if entry.get("changes"))
    told[changed]["changes"][0]["new_value"] = '"another"'
    assert walked(found.head, told) == [(changed + 1, Wrong.ALTERED)]


async def test_what_is_erased_leaves_the_chain_whole(world: World) -> None:
    user = await world.user("lina", "Sales rep")
    await length(world)
    await world.admin.execute("delete from audit_key where resource = $1", f"users/{user.id}")
    found = (await world.boss.ListAuditEntries(filter=f'resource = "users/{user.id}"')).audit_entries
    assert {(one.field, one.old_value, one.new_value) for entry in found for one in entry.changes} == {("", "", "")}
    assert await faults(world) == []


async def test_the_trail_is_looked_at_piece_by_piece(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from identity.audit_entry import verify_chain

    end = await length(world)
    monkeypatch.setattr(verify_chain, "PAGE", 2)
    monkeypatch.setattr(verify_chain, "MOST", 4)
    first = await world.boss.VerifyAuditChain()
    assert (first.sound, first.verified_sequence, first.head.sequence) == (True, 4, end)
    at = 0
    while at < end:
        piece = await world.boss.VerifyAuditChain(after_sequence=at)
        assert piece.sound
        assert piece.verified_sequence > at
        at = piece.verified_sequence


async def test_no_value_stands_open_in_the_trail(world: World) -> None:
    canary = f"canary{os.urandom(8).hex()}"
    await world.user("lina", "Sales rep", position=canary)
    await heard(world)
    assert canary not in str(await world.admin.fetch("select * from audit_entry"))


def walked(head: Any, told: Sequence[Entry]) -> list[tuple[int, Wrong]]:
    walk = Walk(head.tenant_id)
    for entry in told:
        walk.see(entry)
    sealed = is_sealed(head.public_key, head.seal, head_bytes(head.tenant_id, head.sequence, head.hash))
    walk.end(head.sequence, head.hash, sealed=sealed)
    return walk.faults
