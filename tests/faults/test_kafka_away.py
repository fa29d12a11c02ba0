"""While no broker can be reached, writes go on as before, and afterwards everything is told in its order (R04)."""

import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager

from chassis.config import SERVICES
from tests.e2e.suite import until
from tests.faults import mark
from tests.faults.ledger import Ledger
from tests.faults.proxy import HALF_OPEN, Fault
from tests.faults.rig import ON_KAFKA, Rig
from tests.faults.sellers import Sellers, progress
from tests.faults.size import percentile, sized
from tests.faults.verdict import judge
from tests.faults.vitals import memory_megabytes, number

BASE_SECONDS = sized(4.0, 30.0)
MUTE_SECONDS, GONE_SECONDS = sized(2.0, 60.0), sized(2.0, 600.0)  # at least
NOTICED_SECONDS, REST_SECONDS = 120.0, 0.3
Say = Callable[[str], None]


@ON_KAFKA
def test_writes_go_on_while_no_broker_can_be_reached(rig: Rig, ledger: Ledger, say: Say) -> None:
    began, sellers, held = (
        time.monotonic(),
        Sellers(rig.suite, ledger, "away", REST_SECONDS),
        memory_megabytes(rig.suite),
    )
    with sellers.at_work():
        progress(ledger)
        start = time.monotonic()
        time.sleep(BASE_SECONDS)
        usual = percentile(sellers.seconds_between(start, time.monotonic()), 99)
        outages = [
            _outage(rig, sellers, "mute", MUTE_SECONDS, rig.kafka.suffering(HALF_OPEN)),
            _outage(rig, sellers, "gone", GONE_SECONDS, _gone(rig)),
        ]
    unanswered = [step for step in ledger.steps() if step.answer == "unknown"]
    assert not unanswered
    found = judge(rig, ledger, "away")
    until(lambda: all(number(rig.suite, name, "kith_bus_away") == 0 for name in SERVICES), NOTICED_SECONDS, every=0.5)
    until(
        lambda: all(number(rig.suite, name, "kith_outbox_rows") == 0 for name in SERVICES), NOTICED_SECONDS, every=0.5
    )
    say(f"R04 p99 {usual * 1000:.0f} ms before; {'; '.join(outages)}")
    say(f"R04 MB before {held}, after {memory_megabytes(rig.suite)}; {found}; {time.monotonic() - began:.0f} s")


def _outage(rig: Rig, sellers: Sellers, name: str, seconds: float, outage: AbstractContextManager[None]) -> str:
    with rig.suite.client() as client:
        start = time.monotonic()
        with outage:
            until(lambda: number(rig.suite, "sales", "kith_bus_away") == 1, NOTICED_SECONDS, every=0.2)
            noticed = time.monotonic() - start
            time.sleep(max(0.0, seconds - noticed))
            last, over = mark.left(client), time.monotonic()
        lasted = time.monotonic() - start
        said = mark.said(rig.log, last)
        heard = said + mark.heard(client, last)
    calls = sellers.seconds_between(start, over)
    told = f"alarm after {noticed:.1f} s, p99 of {len(calls)} calls {percentile(calls, 99) * 1000:.0f} ms"
    return f"{name} for {lasted:.0f} s: {told}, said {said:.1f} s and heard {heard:.1f} s after"


@contextmanager
def _gone(rig: Rig) -> Iterator[None]:
    """Nobody listens where the brokers were; they come back with what they had."""
    cluster = rig.kafka.brokers
    with rig.kafka.suffering(Fault(refuses=True)):
        cluster.stop(signal.SIGKILL)
        try:
            yield
        finally:
            with ThreadPoolExecutor() as threads:
                list(threads.map(lambda one: one.start(), cluster.members))
            for broker in cluster.members:
                cluster.await_ready(broker)
