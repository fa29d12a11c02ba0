"""A log that lost everything it held, under readers and writers that go on: what is said next is heard (R05)."""

from collections.abc import Awaitable, Callable, Sequence

from chassis.events.bus import BusAway, EventBus, Message
from tests.chassis.events.drivers import Driver
from tests.chassis.events.test_bus import SECONDS, Reader
from tests.chassis.events.test_bus import _messages as messages
from tests.chassis.events.test_bus import _reading as reading
from tests.chassis.events.world import World, until


async def test_what_is_said_after_a_loss_is_heard_by_who_reads_on_and_who_comes_later(
    world: World, driver: Driver
) -> None:
    bus, stays, comes = driver.bus(), Reader(world), Reader(world)
    async with reading(driver, stays):
        for some in (messages(12, 10), messages(12, 3)):
            before = len(stays.seen)
            assert set(await bus.publish(some)) == {None}
            await until(_has(stays, before + len(some)), SECONDS)
        await driver.lose()
        await _published(bus, messages(12, 2))
        await until(_has(stays, 12 * 15), SECONDS)
    await driver.lose()
    await _published(bus, messages(12, 2))
    async with reading(driver, comes):
        await until(_has(comes, 12 * 2), SECONDS)


def _has(reader: Reader, count: int) -> Callable[[], Awaitable[bool]]:
    async def enough() -> bool:
        return len(reader.seen) >= count

    return enough


async def _published(bus: EventBus, some: Sequence[Message]) -> None:
    """As a relay does it: what was not taken is brought once more."""

    async def taken() -> bool:
        try:
            return set(await bus.publish(some)) == {None}
        except BusAway:
            return False

    await until(taken, SECONDS)
