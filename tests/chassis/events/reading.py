"""What tests of a consumer read: what was published, and by whom it is taken in."""

from collections.abc import Sequence

from chassis.events.bus import Record
from chassis.events.consumer import Consumer
from chassis.events.postgres_log import PostgresLog
from chassis.events.relay import Relay
from chassis.events.subscription import Subscription
from tests.chassis.events.world import TOPIC, World, records


async def published(world: World, topic: str = TOPIC) -> list[Record]:
    await Relay(world.url("SOURCE", "worker"), world.source_worker, PostgresLog(world.events)).carry()
    return await records(world, topic)


def taking(world: World, *subscriptions: Subscription) -> Consumer:
    return Consumer(world.target, subscriptions, first_wait_seconds=0.001)


def records_by_key(found: Sequence[Record]) -> list[tuple[str, list[Record]]]:
    """As a partition each."""
    keys = dict.fromkeys(record.message.key for record in found)
    return [(key, [record for record in found if record.message.key == key]) for key in keys]
