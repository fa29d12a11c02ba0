"""Between services and brokers the network is slow, loses, resets, or carries one way only: nothing hangs (R12)."""

import time
from collections.abc import Callable

import httpx

from tests.faults import mark
from tests.faults.ledger import Ledger
from tests.faults.proxy import DOWN, UP, Fault
from tests.faults.rig import ON_KAFKA, Rig
from tests.faults.sellers import Sellers, progress
from tests.faults.size import sized
from tests.faults.verdict import judge

SECONDS, REST_SECONDS = sized(2.0, 60.0), 0.3
FAULTS = {
    "2 s late": Fault(latency_seconds=2.0),
    "30 % stalled": Fault(stalled_share=0.3),
    "1 kB/s": Fault(bytes_per_second=1000),
    "not to the broker": Fault(lost=frozenset({UP})),
    "not from the broker": Fault(lost=frozenset({DOWN})),
}


@ON_KAFKA
def test_a_bad_network_to_the_brokers_loses_and_doubles_nothing(
    rig: Rig, ledger: Ledger, say: Callable[[str], None]
) -> None:
    began, drained = time.monotonic(), dict[str, float]()
    with Sellers(rig.suite, ledger, "network", REST_SECONDS).at_work(), rig.suite.client() as client:
        for name, fault in FAULTS.items():
            with rig.kafka.suffering(fault):
                last = _work(ledger, client)
            drained[name] = mark.heard(client, last)
        for proxy in rig.kafka.proxies:
            proxy.reset()
        drained["reset"] = mark.heard(client, _work(ledger, client))
    found = judge(rig, ledger, "network")
    after = {name: round(seconds, 1) for name, seconds in drained.items()}
    say(f"R12 {SECONDS} s each, heard after {after} s; {found}; {time.monotonic() - began:.0f} s")


def _work(ledger: Ledger, client: httpx.Client) -> mark.Mark:
    """What is done last while it lasts."""
    time.sleep(SECONDS)
    progress(ledger)
    return mark.left(client)
