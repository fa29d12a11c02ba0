"""A log that comes back with nothing of what it held: what history remembers is said again, and all know it (R05)."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from chassis.config import SERVICES
from tests.e2e.suite import until
from tests.faults import processes
from tests.faults.ledger import Ledger
from tests.faults.rig import ON_EACH_LOG, Rig
from tests.faults.sellers import Sellers, progress
from tests.faults.size import sized
from tests.faults.told import complete
from tests.faults.verdict import every, judge
from tests.faults.vitals import number

DEAF = "service_desk", "marketing"
STEPS = sized(30, 3000)
OUT_SECONDS = 180.0
# What differs between two customers of whom the same is true.
THEIR_OWN = ["id", "etag", "contactId", "accountId", "displayName", "source", "leadSource", "createTime", "updateTime"]


@ON_EACH_LOG
def test_what_a_log_lost_is_said_again_and_heard_once(rig: Rig, ledger: Ledger, say: Callable[[str], None]) -> None:
    began, since = time.monotonic(), datetime.now(UTC) - timedelta(seconds=5)
    with Sellers(rig.suite, ledger, "control").at_work():
        progress(ledger)
    judge(rig, ledger, "control")
    ledger.forget()
    with processes.by_hand(rig.suite, DEAF):
        with Sellers(rig.suite, ledger, "lost").at_work():
            progress(ledger, STEPS)
        until(lambda: not any(number(rig.suite, n, "kith_outbox_rows") for n in ("sales", "contacts")), OUT_SECONDS)
        rig.log.lose()
        if rig.log.name == "kafka":
            said = rig.suite.kith("topics", "apply")
            assert said.returncode == 0, said.stderr
    again = time.monotonic()
    for service in SERVICES:
        said = rig.suite.kith("events", "republish", service, "--since", since.strftime("%Y-%m-%dT%H:%M:%S"))
        assert said.returncode == 0, said.stderr
    found = judge(rig, ledger, "lost", complete)
    seconds = time.monotonic() - again
    assert _facts(rig, "lost") <= _facts(rig, "control")
    say(f"R05 {rig.log.name}: known again after {seconds:.1f} s; {found}; {time.monotonic() - began:.0f} s")


def _facts(rig: Rig, run: str) -> set[str]:
    """What is known of the customers of a run who bought, without what is theirs alone."""
    with rig.suite.client() as client:
        facts = every(client, "contactFacts", f'display_name:"{run}" AND won_opportunity_count > 0')
    assert facts
    return {str(_shape(one)) for one in facts}


def _shape(fact: dict[str, Any]) -> list[tuple[str, Any]]:
    """Times are told as being there."""
    kept = {name: value for name, value in fact.items() if name not in THEIR_OWN}
    return sorted((name, bool(value) if name.endswith("Time") else value) for name, value in kept.items())
