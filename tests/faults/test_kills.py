"""Any process may be killed at any moment, and nothing acknowledged is lost or happens twice (R01, R02, small)."""

import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

from chassis.config import PORTS, SERVICES
from tests.e2e.suite import Suite, ok, until
from tests.faults import processes
from tests.faults.ledger import Ledger
from tests.faults.sellers import Sellers
from tests.faults.verdict import judge

Say = Callable[[str], None]
MORE = 6  # steps acknowledged after each kill, before the next
PROGRESS_SECONDS = 60.0
# Where each service dies in turn, under load; R02's five places, and the saga's own.
POINTS = {
    "sales": [
        "call_before_commit",
        "call_after_commit",
        "relay_before_publish",
        "log_before_commit",
        "relay_after_publish_before_delete",
        "relay_after_delete",
        "saga_begin",
        "saga_begun",
        "saga_before_take_account",
        "saga_after_remote_take_account",
        "saga_in_open_opportunity",
        "saga_in_finish",
        "saga_after_finish",
    ],
    "contacts": [
        "consumer_before_commit",
        "consumer_after_commit",
        "call_before_commit",
        "call_after_commit",
        "relay_after_publish_before_delete",
        "consumer_before_commit",
        "consumer_after_commit",
    ],
    "service_desk": [
        "consumer_before_commit",
        "consumer_after_commit",
        "relay_before_publish",
        "relay_after_publish_before_delete",
    ],
    "marketing": [
        "consumer_before_commit",
        "consumer_after_commit",
        "relay_after_publish_before_delete",
        "consumer_before_commit",
        "consumer_after_commit",
    ],
}


def test_each_process_killed_in_turn_under_load_loses_and_doubles_nothing(
    faulty: Suite, tmp_path: Path, say: Say
) -> None:
    began, ledger = time.monotonic(), Ledger(tmp_path / "ledger.sqlite")
    sellers, seconds = Sellers(faulty, ledger, "kills"), {}
    with sellers.at_work():
        progress(ledger)
        for name in PORTS:
            seconds[name] = round(processes.end(faulty, name, signal.SIGKILL), 1)
            progress(ledger)
    found = judge(faulty, ledger, "kills")
    say(f"R01 {len(seconds)} kills, ready after {seconds} s; {found}; {time.monotonic() - began:.0f} s")
    assert set(seconds) == {*SERVICES, "gateway"}


def test_dying_at_each_named_point_loses_and_doubles_nothing(faulty: Suite, tmp_path: Path, say: Say) -> None:
    began, ledger = time.monotonic(), Ledger(tmp_path / "ledger.sqlite")
    with faulty.client() as admin:  # so that marketing has something to say
        filter = "last_won_time = this_year"
        ok(admin.post("/v1/segments", json={"displayName": "Won while dying", "filter": filter}))
    with Sellers(faulty, ledger, "points").at_work():
        progress(ledger)
        for names in (["sales"], [name for name in POINTS if name != "sales"]):  # while sales dies, others hear little
            die(faulty, names)
            progress(ledger)
    found = judge(faulty, ledger, "points")
    points = [point for each in POINTS.values() for point in each]
    say(f"R02 {len(points)} deaths at {len(set(points))} points; {found}; {time.monotonic() - began:.0f} s")


def die(suite: Suite, names: Sequence[str]) -> None:
    """Each service at each of its points in turn, the services beside each other; who is done lives on meanwhile."""
    lives = []
    with processes.by_hand(suite, names) as dying, ThreadPoolExecutor(len(names)) as threads:
        running = {threads.submit(processes.killed_at_each, dying[name], POINTS[name]): name for name in names}
        try:
            for one in as_completed(running):
                one.result()
                lives.append(processes.started(dying[running[one]], {}, subprocess.DEVNULL))
        finally:
            for life in lives:
                processes.stop(life)


def progress(ledger: Ledger) -> None:
    """Until some more steps are acknowledged."""
    enough = ledger.count("ok") + MORE
    until(lambda: ledger.count("ok") >= enough, PROGRESS_SECONDS)
