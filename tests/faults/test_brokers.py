"""Of three brokers each goes and comes, hard and cleanly, under write load; and for a while there are too few (R06)."""

import asyncio
import signal
import time
from collections.abc import Callable

import httpx
from aiokafka.admin import AIOKafkaAdminClient  # type: ignore[import-untyped]  # it ships no types
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType  # type: ignore[import-untyped]  # likewise

from cli.brokers import Broker
from tests.e2e.suite import until
from tests.faults import mark
from tests.faults.ledger import Ledger
from tests.faults.logs import topics_of
from tests.faults.rig import ON_KAFKA, Rig
from tests.faults.sellers import Sellers, progress
from tests.faults.size import sized
from tests.faults.verdict import judge
from tests.faults.vitals import number

HARD, CLEAN = signal.SIGKILL, signal.SIGTERM
# By broker, one after the other.
BOUNCES = sized([(HARD, CLEAN, HARD)], [(HARD, HARD, HARD), (CLEAN, CLEAN, CLEAN)] * 10)
FEW_SECONDS, REST_SECONDS = sized(2.0, 60.0), 0.3
SYNC_SECONDS, NOTICED_SECONDS = 240.0, 180.0


@ON_KAFKA
def test_brokers_come_and_go_and_nothing_is_lost(rig: Rig, ledger: Ledger, say: Callable[[str], None]) -> None:
    began, members, count = time.monotonic(), rig.kafka.brokers.members, 0
    with Sellers(rig.suite, ledger, "bounce", REST_SECONDS).at_work(), rig.suite.client() as client:
        progress(ledger)
        for each in BOUNCES:
            for broker, how in zip(members, each, strict=True):
                broker.end(how)
                progress(ledger)
                _back(rig, [broker])
                count += 1
        bounced = time.monotonic() - began
        for broker in members[:2]:
            broker.end(HARD)
        until(lambda: number(rig.suite, "sales", "kith_bus_away") == 1, NOTICED_SECONDS, every=0.2)
        time.sleep(FEW_SECONDS)
        last = mark.left(client)
        _back(rig, members[:2])
        drained = mark.heard(client, last)
        refused = _too_few_copies(rig, client)
    found = judge(rig, ledger, "bounce")
    say(
        f"R06 {count} bounces in {bounced:.0f} s; two of three away: heard {drained:.1f} s after;"
        f" NOT_ENOUGH_REPLICAS: heard {refused:.1f} s after; {found}; {time.monotonic() - began:.0f} s"
    )


def _back(rig: Rig, brokers: list[Broker]) -> None:
    """Until they hold all again: whoever takes the next one away too early takes two."""
    assert all(broker.pid is None for broker in brokers)
    rig.kafka.start()
    until(lambda: asyncio.run(rig.kafka.in_sync()), SYNC_SECONDS, every=0.3)


def _too_few_copies(rig: Rig, client: httpx.Client) -> float:
    """All three are wanted for each record, and one is away: the other two refuse what they are sent."""
    third = rig.kafka.brokers.members[2]
    asyncio.run(_want(rig, "3"))
    third.end(CLEAN)
    last = mark.left(client)
    until(lambda: _refused(rig), NOTICED_SECONDS, every=0.2)
    time.sleep(FEW_SECONDS)
    assert not last.is_heard(client)
    _back(rig, [third])
    seconds = mark.heard(client, last)
    assert rig.suite.kith("topics", "apply").returncode == 0
    return seconds


def _refused(rig: Rig) -> bool:
    names = "kith_bus_away", "kith_outbox_blocked_records"
    return any(number(rig.suite, "sales", name) for name in names)


async def _want(rig: Rig, copies: str) -> None:
    """Of each acknowledged record of the suite's topics."""
    admin = AIOKafkaAdminClient(bootstrap_servers=rig.kafka.brokers.servers)
    await admin.start()
    try:
        for topic in topics_of():
            told = {"min.insync.replicas": copies, "max.message.bytes": "20971520"}
            await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, configs=told)])
    finally:
        await admin.close()
