"""A process of the crew: `python -m tests.chassis.events.actors relay`. It forks its worker anew when that dies."""

import asyncio
import os
import sys
from datetime import timedelta
from typing import NoReturn

from chassis import crash
from chassis.database.worker import open_pool
from chassis.events import kafka_group, postgres_group
from chassis.events import relay as relay_module
from chassis.events.bus import EventBus
from chassis.events.consumer import Consumer
from chassis.events.kafka import KafkaBus
from chassis.events.kafka_access import KafkaAccess
from chassis.events.postgres_log import PostgresLog
from chassis.events.relay import Relay
from chassis.jobs.runner import Runner
from tests.chassis.events.world import SUBSCRIPTIONS, as_role, calls_of
from tests.chassis.jobs.stories import KINDS, principals

relay_module.STANDBY_SECONDS = postgres_group.SHARE_SECONDS = 0.05  # deaths are frequent here
kafka_group.SESSION_MILLISECONDS = 1000
SOURCE, TARGET, EVENTS = (os.environ[name] for name in ("SOURCE", "TARGET", "EVENTS"))


async def _bus() -> EventBus:
    if servers := os.environ.get("KAFKA"):
        return KafkaBus(KafkaAccess(servers))
    return PostgresLog(await open_pool(as_role(EVENTS, "worker"), 4), as_role(TARGET, "worker"))


async def relay(of: str = SOURCE) -> None:
    url = as_role(of, "worker")
    await Relay(url, await open_pool(url, 2), await _bus()).run()


async def letters() -> None:
    await relay(TARGET)


async def consumer() -> None:
    reader = Consumer(await calls_of("target", TARGET, 4), SUBSCRIPTIONS, first_wait_seconds=0.01)
    reader.group = os.environ.get("GROUP", reader.group)
    await reader.run(await _bus())


async def runner() -> None:
    lease = timedelta(seconds=float(os.environ.get("LEASE", "1")))
    pool = await open_pool(as_role(SOURCE, "worker"), 2)
    await Runner(await calls_of("source", SOURCE), pool, principals, KINDS, lease).run()


ROLES = {"relay": relay, "letters": letters, "consumer": consumer, "runner": runner}


def tend(role: str) -> NoReturn:
    left = int(os.environ["DEATHS"])
    while True:
        if left == 0:
            crash.ARMED.clear()
        child = os.fork()
        if not child:
            asyncio.run(ROLES[role]())
            os._exit(1)
        _, status = os.waitpid(child, 0)
        left -= 1
        sys.stderr.write("DIED\n" if os.WIFSIGNALED(status) else f"{role} ended: {status}\n")
        sys.stderr.flush()


if __name__ == "__main__":
    tend(sys.argv[1])
