"""P5: a file of contacts imported, against COPY of the same rows, history and events into the same tables."""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from tempfile import TemporaryFile

import asyncpg
import uvloop

from bench import arena
from bench.authority import TENANT, USER, Known
from bench.contacts import names
from chassis.call import Means
from chassis.calls import Calls
from chassis.database.session import Database
from chassis.testing.data_keys import made_up
from chassis.testing.postgres import Postgres, Urls
from contacts.app import SERVICE
from contacts.import_job.analyse import analyse_import
from contacts.import_job.append_content import append_import_content
from contacts.import_job.create import create_import_job
from contacts.import_job.start import start_import
from kith.contacts.v1.import_job_pb2 import (
    AnalyseImportRequest,
    AppendImportContentRequest,
    CreateImportJobRequest,
    ImportJob,
    StartImportRequest,
)

GOAL, MEGABYTES = 0.1, 300
ROWS = int(os.environ.get("KITH_BENCH_IMPORT", "50000"))
PIECE = 4_000_000  # bytes a message
COLUMNS = "position, lane, topic, id, aggregatetype, aggregateid, type, tenant_id, sequence, time, headers, payload"
OUTBOX = (
    "select row_number() over (), 1::smallint, 'kith.contacts.v1', gen_random_uuid(), aggregatetype, aggregateid, type,"
    " tenant_id, sequence, change_time, '{}'::jsonb, payload from history where aggregatetype <> 'contacts.import_job'"
)
HISTORY = "select * from history where aggregatetype <> 'contacts.import_job'"
TABLES = {"account": "select * from account", "contact": "select * from contact", "history": HISTORY, "outbox": OUTBOX}
DRAIN = "delete from outbox where position in (select position from outbox order by lane, position limit 5000)"


def lines(rows: int) -> Iterator[str]:
    """Every row another person; a firm has two hundred of them."""
    yield "姓名,公司,手机,邮箱,职位,地址,备注\r\n"
    known = names()
    for n in range(rows):
        family, given = known[n * 7919 % len(known)]
        phone, email = f"1{30 + n % 10}{n // 10:08d}", f"nr{n}@firm-{n // 200}.example.com"
        place = f"四川省成都市武侯区天府大道{n % 900}号"
        yield f"{family}{given},第{n // 200}机器人有限公司,{phone},{email},采购经理,{place},展会上认识\r\n"


async def started(urls: Urls) -> None:
    """The file uploaded, analysed, and its job waiting for a runner."""
    database = await Database.open(urls.app, 2)
    calls = Calls(SERVICE.name, database, Means(data_keys=made_up()))
    caller = await Known().principal(TENANT, USER, None)
    content = "".join(lines(ROWS)).encode()
    async with calls.open(caller) as call:
        job = ImportJob(noun="contacts.contact", file_name="contacts.csv")
        job = await create_import_job(call, CreateImportJobRequest(import_job=job, content=content[:PIECE]))
    for start in range(PIECE, len(content), PIECE):
        async with calls.open(caller) as call:
            piece = AppendImportContentRequest(id=job.id, offset=start, content=content[start : start + PIECE])
            await append_import_content(call, piece)
    async with calls.open(caller) as call:
        await analyse_import(call, AnalyseImportRequest(id=job.id))
        await start_import(call, StartImportRequest(id=job.id))
    await database.close()


@asynccontextmanager
async def delivered(url: str) -> AsyncIterator[None]:
    """The outbox is emptied as a relay empties it, or the import would wait for room."""

    async def drain() -> None:
        connection = await asyncpg.connect(url)
        while True:
            if await connection.execute(DRAIN) == "DELETE 0":
                await asyncio.sleep(0.05)

    task = asyncio.create_task(drain())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def imported(urls: Urls) -> tuple[float, float]:
    """Seconds and megabytes of the process that does it."""
    await started(urls)
    async with delivered(urls.admin):
        command = (sys.executable, "-m", "bench.importing", urls.app, urls.worker)
        paths = os.pathsep.join(str(arena.ROOT / part) for part in (".", "services", "protos/gen"))
        process = await asyncio.create_subprocess_exec(
            *command, cwd=arena.ROOT, env={**os.environ, "PYTHONPATH": paths}, stdout=subprocess.PIPE
        )
        out, _ = await process.communicate()
    seconds, megabytes = out.split()
    return float(seconds), float(megabytes)


async def copied(ours: Urls, floor: Urls) -> float:
    """Seconds to COPY what the import wrote into an empty database of the same tables."""
    source, target = await asyncpg.connect(ours.admin), await asyncpg.connect(floor.admin)
    assert await source.fetchval("select count(*) from contact") == ROWS, "rows were refused"
    await target.execute("alter table outbox alter position set generated by default")
    spent = 0.0
    for table, query in TABLES.items():
        with TemporaryFile(prefix="kith-bench-") as file:
            await source.copy_from_query(query, output=file, format="binary")
            file.seek(0)
            names = COLUMNS.split(", ") if table == "outbox" else None
            began = time.perf_counter()
            await target.copy_to_table(table, source=file, columns=names, format="binary")
            spent += time.perf_counter() - began
    await source.close()
    await target.close()
    return spent


async def measure(url: Postgres) -> tuple[float, float, float]:
    async with url.database(SERVICE) as ours, url.database(SERVICE) as floor:
        seconds, megabytes = await imported(ours)
        return seconds, await copied(ours, floor), megabytes


def main() -> None:
    with arena.postgres() as server:
        ours, floor, megabytes = uvloop.run(measure(server))
    ratio = floor / ours
    flat = "ok" if megabytes < MEGABYTES else "MISSED"
    more = f"  ({ROWS:,} rows, {ROWS / ours:,.0f} against {ROWS / floor:,.0f} a second; {megabytes:.0f} MB {flat})"
    print(arena.verdict("P5", ratio, GOAL, at_least=True, more=more), flush=True)


if __name__ == "__main__":
    main()
