"""A sensitive value goes through all that runs, and lies open nowhere (ID-16, S23); the trail says who saw it."""

import asyncio
import secrets
from contextlib import suppress
from pathlib import Path
from typing import Any

import asyncpg

from chassis.config import SERVICES
from tests.e2e.suite import Suite, ok, until
from tests.faults.logs import server_url

SECONDS = 120.0


def test_no_byte_of_a_sensitive_value_is_left_in_databases_logs_and_files(suite: Suite, tmp_path: Path) -> None:
    typed, filed, refused = (f"ID{secrets.token_hex(12)}" for _ in range(3))
    file = tmp_path / "cards.csv"
    file.write_text(
        f"姓名,邮箱,证件号码\n张伟,a@example.com,{filed}\n李娜,b@example.com,{refused}!\n", encoding="utf-8"
    )
    with suite.client() as admin:
        made = ok(admin.post("/v1/contacts", json={"displayName": "王芳", "idNumber": typed}))
        assert ok(admin.get(f"/v1/contacts/{made['id']}"))["idNumber"] == typed
        assert refused not in admin.post("/v1/contacts", json={"displayName": "x", "idNumber": f"{refused}!"}).text
        told = suite.kith("import", str(file), "--noun", "contact", "--json")
        assert told.returncode == 1, told.stdout + told.stderr  # one row is refused
        (taken,) = ok(admin.get("/v1/contacts", params={"filter": 'emails.address = "a@example.com"'}))["contacts"]
        assert taken["idNumber"] == filed
        asked = {"filter": f'resource = "contacts/{taken["id"]}" AND action = "read"'}
        (entry,) = until(lambda: ok(admin.get("/v1/auditEntries", params=asked))["auditEntries"], SECONDS, every=0.3)
        assert (entry["changes"][0]["field"], entry["address"]) == ("id_number", "127.0.0.1")
        assert ok(admin.get("/v1/auditEntries:verifyChain"))["sound"]
    everywhere = asyncio.run(_rows(suite)) + _files(suite.home) + _files(tmp_path, but=file)
    assert any("王芳".encode() in one for one in everywhere)
    for canary in (typed, filed, refused):
        for written in (canary.encode(), canary.encode().hex().encode()):
            assert not [one[:80] for one in everywhere if written in one]


async def _rows(suite: Suite) -> list[bytes]:
    """What a dump of all databases would hold."""
    found = []
    for name in (*SERVICES, "events"):
        database: Any = await asyncpg.connect(server_url(suite, name))
        try:
            for (table,) in await database.fetch("select tablename from pg_tables where schemaname = 'public'"):
                found += [row[0].encode() for row in await database.fetch(f'select t::text from "{table}" t')]
            await database.execute("checkpoint")
        finally:
            await database.close()
    return found


def _files(folder: Path, but: Path | None = None) -> list[bytes]:
    """Logs, mails, the write-ahead log and whatever else there is."""
    found = []
    for one in [*folder.rglob("*")]:
        with suppress(OSError):  # it may have gone meanwhile
            found += [one.read_bytes()] if one.is_file() and one != but else []
    return found
