"""Readers that begin anew, and hear each event three times more in another order, know what they knew before (R19)."""

import asyncio
import json
import random
import time
from collections import defaultdict
from collections.abc import Callable, Sequence

from chassis.config import SERVICES
from chassis.events.bus import Message
from tests.e2e.suite import until
from tests.faults import processes
from tests.faults.ledger import Ledger
from tests.faults.logs import Said, topics_of
from tests.faults.rig import ON_EACH_LOG, Rig
from tests.faults.sellers import Sellers, progress
from tests.faults.size import sized
from tests.faults.verdict import every, judge
from tests.faults.vitals import number

READERS = "contacts", "sales", "service_desk", "marketing"
# All that grows out of what is heard; an etag tells of every write, one that changes nothing included.
_HEARD = "cases", "interactions", "contactFacts", "segments", "segmentMemberships", "campaignMembers", "leads"
KNOWN = (*_HEARD, "contacts", "accounts", "opportunities", "stages")
REST_SECONDS = 7.0  # members are counted every five
TIMES, STEPS, SECONDS = 3, sized(40, 4000), sized(240.0, 1800.0)


@ON_EACH_LOG
def test_who_hears_everything_again_and_again_changes_nothing(
    rig: Rig, ledger: Ledger, say: Callable[[str], None]
) -> None:
    began = time.monotonic()
    with Sellers(rig.suite, ledger, "replay").at_work():
        progress(ledger, STEPS)
    judge(rig, ledger, "replay")
    until(lambda: _settled(rig), SECONDS, every=0.3)
    before, said = _at_rest(rig), asyncio.run(rig.log.said(topics_of()))
    with processes.by_hand(rig.suite, READERS):
        asyncio.run(rig.log.rewind(READERS))
        asyncio.run(rig.log.put(_shuffled(said)))
        start = time.monotonic()
    until(lambda: _settled(rig), SECONDS, every=0.3)
    seconds = time.monotonic() - start
    after, now = _at_rest(rig), asyncio.run(rig.log.said(topics_of()))
    assert len(now) == len(said) * (TIMES + 1)  # and nobody said anything new about it
    assert after == before
    size = sum(map(len, before.values()))
    again = f"{len(said)} events from the start and {TIMES} times more in {seconds:.1f} s"
    say(f"R19 {rig.log.name}: {again}: {size} bytes of records as they were; {time.monotonic() - began:.0f} s")


def _shuffled(said: Sequence[Said]) -> list[Message]:
    """All of them so often, those of each key in their order and the keys in none."""
    waiting = defaultdict[tuple[str, str], list[Message]](list)
    for _ in range(TIMES):
        for one in said:
            waiting[one.topic, one.key].append(Message(one.topic, one.key, one.headers, one.value))
    order = [place for place, some in waiting.items() for _ in some]
    random.shuffle(order)
    iterators = {place: iter(some) for place, some in waiting.items()}
    return [next(iterators[place]) for place in order]


def _settled(rig: Rig) -> bool:
    if any(number(rig.suite, name, "kith_outbox_rows") for name in SERVICES):
        return False
    return not asyncio.run(rig.log.behind(READERS, topics_of()))


def _at_rest(rig: Rig) -> dict[str, str]:
    """As they are once nothing changes any more: a segment's count follows its members by a job."""
    end, last = time.monotonic() + SECONDS, _known(rig)
    while time.monotonic() < end:
        time.sleep(REST_SECONDS)
        now = _known(rig)
        if now == last:
            break
        last = now
    return last


def _known(rig: Rig) -> dict[str, str]:
    """The bytes of each kind of record."""
    with rig.suite.client() as client:
        return {one: json.dumps(every(client, one, ""), sort_keys=True) for one in KNOWN}
