"""`kith audit`: the trail in a file, and whether it holds, there and here (B-05)."""

import asyncio
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from cli import main as command_line
from identity.audit_entry import export
from tests.identity.suite import World
from tests.identity.trail import heard


@pytest.fixture
async def file(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the command finds what runs, and where it is to write."""
    user = (await world.boss.WhoAmI()).principal.user_id
    key = await world.boss.CreateApiKey(api_key={"display_name": "Copies", "user_id": user})
    monkeypatch.setenv("KITH_HOME", str(tmp_path))
    monkeypatch.setattr(export, "PAGE", 3)  # several pages of a short trail
    address = f"127.0.0.1:{world.replica.port}"
    (tmp_path / "demo.json").write_text(json.dumps({"api_key": key.secret, "grpc": {"identity": address}}))
    await heard(world)
    return tmp_path / "trail.jsonl"


def lines_of(file: Path) -> list[str]:
    return file.read_text(encoding="utf-8").splitlines()


def put(file: Path, lines: list[str]) -> None:
    file.write_text("\n".join(lines), encoding="utf-8")


async def kith(*words: str) -> Result:
    return await asyncio.to_thread(CliRunner().invoke, command_line.app, ["audit", *words])


async def verified(*words: str) -> tuple[int, list[tuple[int, str]]]:
    told = await kith("verify", "--json", *words)
    found = json.loads(told.stdout)
    assert found["sound"] is (told.exit_code == 0)
    return found["entries"], [(one["sequence"], one["kind"]) for one in found["faults"]]


async def test_a_copy_is_whole_and_verified_where_nothing_runs(
    world: World, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (await kith("export", str(file))).exit_code == 0
    kept = await world.admin.fetchval("select count(*) from audit_entry")
    monkeypatch.setenv("KITH_HOME", str(file.parent / "nowhere"))
    assert await verified(str(file)) == (kept, [])
    lines = lines_of(file)
    for changed, found in (
        ([*lines[:3], *lines[4:]], [(4, "REMOVED")]),
        ([*lines[:3], lines[3].replace('"action":"', '"action":"un'), *lines[4:]], [(4, "ALTERED")]),
        ([*lines[:3], lines[4], lines[3], *lines[5:]], [(4, "REMOVED"), (4, "MOVED")]),
        ([*lines[:-2], lines[-1]], [(kept, "REMOVED")]),
    ):
        put(file, changed)
        assert (await verified(str(file)))[1] == found


async def test_a_copy_sealed_by_somebody_else_is_not_ours(world: World, file: Path) -> None:
    assert (await kith("export", str(file))).exit_code == 0
    kept, faults = await verified(str(file), "--key", "A" * 43 + "=")
    assert faults == [(kept, "HEAD")]


async def test_what_runs_is_verified_too(world: World, file: Path) -> None:
    kept = await world.admin.fetchval("select count(*) from audit_entry")
    assert await verified() == (kept, [])


async def test_what_is_no_export_is_said_to_be_none(file: Path) -> None:
    put(file, ["{}"])
    told = await kith("verify", str(file))
    assert told.exit_code != 0
    assert "is no export" in str(told.exception)
