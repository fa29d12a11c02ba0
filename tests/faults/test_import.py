"""While a large file is taken in, what everybody else does is heard as soon as ever (issue: import under 2 s)."""

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.e2e.suite import until
from tests.faults import mark
from tests.faults.rig import ON_EACH_LOG, ON_KAFKA, Rig
from tests.faults.size import WHOLE, percentile, sized
from tests.faults.vitals import memory_megabytes

ROWS = sized(5_000, 1_000_000)
SECONDS = sized(600.0, 7200.0)
REST_SECONDS = 0.1


@(ON_EACH_LOG if WHOLE else ON_KAFKA)
def test_nobody_waits_behind_an_import(rig: Rig, tmp_path: Path, say: Callable[[str], None]) -> None:
    began, file, run = time.monotonic(), tmp_path / "people.csv", f"bulk{time.time_ns()}"
    with file.open("w", encoding="utf-8") as out:
        out.write("display_name\n")
        out.writelines(f"{run} {n}\n" for n in range(ROWS))
    delays: dict[str, list[float]] = {"a deal won": [], "a contact made": []}
    with ThreadPoolExecutor(1) as thread, rig.suite.client() as client:
        importing = thread.submit(
            rig.suite.kith, "import", str(file), "--noun", "contact", "--mode", "create", "--json"
        )
        while not importing.done():
            left = mark.left(client)
            began_again = time.monotonic()
            waiting: dict[str, Callable[[], bool]] = {
                "a deal won": lambda: mark.has(client, "cases", f'opportunity_id = "{left.opportunity_id}"'),  # noqa: B023
                "a contact made": lambda: client.get(f"/v1/contactFacts/{left.contact_id}").status_code == 200,  # noqa: B023
            }
            while waiting:
                for what in [what for what, heard in waiting.items() if heard()]:
                    delays[what].append(time.monotonic() - began_again)
                    del waiting[what]
            time.sleep(REST_SECONDS)
        done = importing.result()
        assert done.returncode == 0, done.stdout + done.stderr
        seconds = time.monotonic() - began
        until(lambda: not asyncio.run(rig.log.behind(["marketing"], ["kith.contacts.bulk.v1"])), SECONDS, every=0.5)
        heard = time.monotonic() - began
    delay = "; ".join(
        f"{what} {len(some)} times, " + ", ".join(f"p{p} {percentile(some, p):.2f} s" for p in (50, 99, 100))
        for what, some in delays.items()
    )
    say(
        f"import {rig.log.name}: {ROWS} rows in {seconds:.0f} s, heard by marketing after {heard:.0f} s; meanwhile"
        f" heard after: {delay}; MB {memory_megabytes(rig.suite)}"
    )
