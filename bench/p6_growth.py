"""P6: Get, List, Create and search among 1,000,000 contacts against the same among 10,000."""

import asyncio
import os
import statistics
import time
import uuid
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

import grpc
import uvloop

from bench import arena, authority
from bench.contacts import names, seed
from chassis.testing.postgres import Postgres, free_port
from contacts.app import SERVICE
from kith.contacts.v1 import contact_pb2
from kith.v1.values_pb2 import EmailAddress

GOAL = 1.3
LARGE, SMALL = int(os.environ.get("KITH_BENCH_CONTACTS", "1000000")), 10_000
CALLS, WARM = 600, 100
METHODS = "/kith.contacts.v1.Contacts/"
pb: Any = contact_pb2
Asked = Callable[[int, list[str]], Any]


def _created(n: int, ids: list[str]) -> Any:
    family, given = names()[n * 37 % len(names())]
    contact = pb.Contact(display_name=family + given, family_name=family, given_name=given, source="fair")
    contact.emails.append(EmailAddress(address=f"new.{uuid.uuid4().hex}@example.com", primary=True))
    return pb.CreateContactRequest(contact=contact, request_id=str(uuid.uuid4()))


def _searched(n: int, ids: list[str]) -> Any:
    """Names as often as they occur, every second one in letters."""
    family, given = names()[n * 7919 % len(names())]
    return pb.ListContactsRequest(page_size=20, filter=f'"{family}{given}"')


PATHS: dict[str, tuple[str, Asked]] = {
    "get": ("GetContact", lambda n, ids: pb.GetContactRequest(id=ids[n % len(ids)])),
    "list": (
        "ListContacts",
        lambda n, ids: pb.ListContactsRequest(page_size=50, filter="source = fair", order_by="create_time desc"),
    ),
    "create": ("CreateContact", _created),
    "search": ("ListContacts", _searched),
}


async def measure(url: Postgres) -> dict[str, tuple[float, float]]:
    """Seconds that 95 of 100 calls stay below, by path: in the small and in the large."""
    async with url.database(SERVICE) as small, url.database(SERVICE) as large:
        ids = [await seed(small.admin, SMALL), await seed(large.admin, LARGE)]
        with ExitStack() as processes:
            channels = []
            for urls in (small, large):
                address = f"127.0.0.1:{free_port()}"
                processes.enter_context(arena.process_of("bench.ours", urls.app, address, SERVICE.name))
                channels.append(grpc.aio.insecure_channel(address))
            for channel in channels:
                await asyncio.wait_for(channel.channel_ready(), arena.START_SECONDS)
            found = {path: await _path(channels, ids, *about) for path, about in PATHS.items()}
            for channel in channels:
                await channel.close()
            return found


async def _path(
    channels: list[grpc.aio.Channel], ids: list[list[str]], method: str, asked: Asked
) -> tuple[float, float]:
    """One call to the one, one to the other: whatever else the machine does slows both."""
    metadata = (("authorization", f"Bearer {authority.token()}"),)
    asks: list[Any] = [
        channel.unary_unary(METHODS + method, lambda one: one.SerializeToString()) for channel in channels
    ]
    seconds: list[list[float]] = [[], []]
    for n in range(CALLS + WARM):
        for side in sorted((0, 1), reverse=bool(n % 2)):
            request = asked(n, ids[side])
            began = time.perf_counter()
            await asks[side](request, timeout=30, metadata=metadata)
            seconds[side].append(time.perf_counter() - began)
    small, large = (statistics.quantiles(times[WARM:], n=20)[-1] for times in seconds)
    return small, large


def main() -> None:
    try:
        with arena.postgres() as server:
            found: dict[str, tuple[float, float]] = uvloop.run(measure(server))
    except grpc.aio.AioRpcError as error:
        print(f"P6 goal<={GOAL:g}x MISSED  (refused: {error.details()})", flush=True)
        return
    ratios = {path: large / small for path, (small, large) in found.items()}
    each = ", ".join(f"{path} {ratio:.2f} ({found[path][1] * 1000:.1f} ms)" for path, ratio in ratios.items())
    print(arena.verdict("P6", max(ratios.values()), GOAL, more=f"  (p95 at {LARGE:,} contacts: {each})"), flush=True)


if __name__ == "__main__":
    main()
