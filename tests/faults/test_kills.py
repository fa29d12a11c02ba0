"""Any process may be killed at any moment, and nothing acknowledged is lost or happens twice (R01, R02, small)."""

import signal
import subprocess
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed

from chassis.config import PORTS, SERVICES
from tests.e2e.suite import Suite, ok
from tests.faults import processes
from tests.faults.ledger import Ledger
from tests.faults.rig import ON_EACH_LOG, Rig
from tests.faults.sellers import Sellers, progress
from tests.faults.size import WHOLE, sized
from tests.faults.verdict import judge

Say = Callable[[str], None]
TURNS, ROUNDS = sized(1, 9), sized(1, 20)  # of every process; of every point
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


@ON_EACH_LOG
def test_each_process_killed_in_turn_under_load_loses_and_doubles_nothing(rig: Rig, ledger: Ledger, say: Say) -> None:
    began, seconds = time.monotonic(), defaultdict[str, list[float]](list)
    with Sellers(rig.suite, ledger, "kills").at_work():
        progress(ledger)
        for name in [*PORTS] * TURNS:
            seconds[name].append(processes.end(rig.suite, name, signal.SIGKILL))
            progress(ledger)
    found = judge(rig, ledger, "kills")
    ready = {name: round(max(each), 1) for name, each in seconds.items()}
    kills = sum(map(len, seconds.values()))
    say(f"R01 {rig.log.name}: {kills} kills, ready after {ready} s; {found}; {time.monotonic() - began:.0f} s")
    assert set(seconds) == {*SERVICES, "gateway"}


@ON_EACH_LOG
def test_dying_at_each_named_point_loses_and_doubles_nothing(rig: Rig, ledger: Ledger, say: Say) -> None:
    began, points = time.monotonic(), _points(rig)
    with rig.suite.client() as admin:  # so that marketing has something to say
        filter = "last_won_time = this_year"
        ok(admin.post("/v1/segments", json={"displayName": "Won while dying", "filter": filter}))
    with Sellers(rig.suite, ledger, "points").at_work():
        progress(ledger)
        for _ in range(ROUNDS):
            for names in (["sales"], [name for name in POINTS if name != "sales"]):  # while sales dies, little is heard
                die(rig.suite, {name: points[name] for name in names})
                progress(ledger)
    found = judge(rig, ledger, "points")
    once = Counter(point for each in points.values() for point in each)
    hits = {point: count * ROUNDS for point, count in once.items()}
    say(f"R02 {rig.log.name}: deaths at {hits}; {found}; {time.monotonic() - began:.0f} s")


def _points(rig: Rig) -> Mapping[str, Sequence[str]]:
    """All of them; where the drill is small, those that have nothing to do with the log on one log only."""
    if WHOLE or rig.log.name == "postgres":
        return POINTS
    return {name: [one for one in each if not one.startswith(("saga_", "call_"))] for name, each in POINTS.items()}


def die(suite: Suite, points: Mapping[str, Sequence[str]]) -> None:
    """Each service at each of its points in turn, the services beside each other; who is done lives on meanwhile."""
    lives = []
    with processes.by_hand(suite, [*points]) as dying, ThreadPoolExecutor(len(points)) as threads:
        running = {threads.submit(processes.killed_at_each, dying[name], each): name for name, each in points.items()}
        try:
            for one in as_completed(running):
                one.result()
                lives.append(processes.started(dying[running[one]], {}, subprocess.DEVNULL))
        finally:
            for life in lives:
                processes.stop(life)
