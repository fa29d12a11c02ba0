"""A list of 50 of 1,000,000 contacts for managers who see few of them or many, against one who sees them all."""

import asyncio
import os
import statistics
import time
from typing import Any
from uuid import UUID

import asyncpg
import grpc
import uvloop

from bench import arena, authority
from bench.contacts import seed
from bench.p6_growth import METHODS
from chassis.access.sight import Level
from chassis.testing.postgres import Postgres, free_port
from contacts.app import SERVICE
from kith.contacts.v1 import contact_pb2

pb: Any = contact_pb2
ROWS = int(os.environ.get("KITH_BENCH_CONTACTS", "1000000"))
TEAMS = 1000  # of as many contacts each
SHOWN = 200  # contacts of other teams, shared one by one
CALLS, WARM = 200, 30
# How many teams each manages. The last has one: all its contacts are older than anybody else's.
MANY, FEW, PAST = {"a tenth": TEAMS // 10, "half": TEAMS // 2}, {"1 %": TEAMS // 100, "0.1 %": 1}, TEAMS + 1
GOALS = {"sight a": (1.3, (*MANY, "the oldest tenth")), "sight b": (3.0, (*FEW,))}
ORDERS = {"newest": "", "by name": "display_name"}  # the first is what a list is in, and what the goals are about
_SHOW = """
insert into share (tenant_id, noun, record_id, grantee_id, is_team, level, reason, creator_id, create_time)
select $1, 'contacts.contact', id, $2, false, $3, '', $2, now() from contact
where team_id <> all($4::uuid[]) order by random() limit $5
"""
_MOVE = "update contact set team_id = $1 where id in (select id from contact order by id limit $2)"


async def prepare(admin_url: str) -> dict[str, UUID]:
    """Contacts, teams and shares; who asks."""
    await seed(admin_url, ROWS, TEAMS)
    people = {name: authority.manager_of(teams) for name, teams in (MANY | FEW).items()}
    people["the oldest tenth"] = authority.manager_of(-PAST)
    admin = await asyncpg.connect(admin_url, timeout=600, command_timeout=900)
    try:
        await admin.execute(_MOVE, authority.team(PAST), ROWS // 10)
        for teams, person in zip((MANY | FEW).values(), people.values(), strict=False):
            mine = [authority.team(number) for number in range(1, teams + 1)]
            await admin.execute(_SHOW, authority.TENANT, person, int(Level.READ), mine, SHOWN)
        await admin.execute("vacuum analyze contact, share")
    finally:
        await admin.close()
    return people


async def measure(url: Postgres) -> dict[str, dict[str, tuple[float, float]]]:
    """Seconds a list takes in the middle, whole tenant and own sight, by order and person."""
    async with url.database(SERVICE) as urls:
        people = await prepare(urls.admin)
        address = f"127.0.0.1:{free_port()}"
        with arena.process_of("bench.ours", urls.app, address, SERVICE.name):
            channel = grpc.aio.insecure_channel(address)
            await asyncio.wait_for(channel.channel_ready(), arena.START_SECONDS)
            found = {
                order: {name: await _duel(channel, by, person) for name, person in people.items()}
                for order, by in ORDERS.items()
            }
            await channel.close()
            return found


async def _duel(channel: grpc.aio.Channel, order: str, person: UUID) -> tuple[float, float]:
    """In turns, so that whatever else the machine does slows both."""
    ask: Any = channel.unary_unary(
        METHODS + "ListContacts", lambda one: one.SerializeToString(), pb.ListContactsResponse.FromString
    )
    asked = pb.ListContactsRequest(page_size=50, order_by=order)
    seconds: dict[UUID, list[float]] = {authority.EVERYWHERE: [], person: []}
    for n in range(CALLS + WARM):
        for who in sorted(seconds, reverse=bool(n % 2)):
            metadata = (("authorization", f"Bearer {authority.token(who)}"),)
            began = time.perf_counter()
            reply = await ask(asked, timeout=30, metadata=metadata)
            seconds[who].append(time.perf_counter() - began)
            assert len(reply.contacts) == asked.page_size
    whole, own = (statistics.median(times[WARM:]) for times in seconds.values())
    return whole, own


def main() -> None:
    try:
        with arena.postgres() as server:
            found: dict[str, dict[str, tuple[float, float]]] = uvloop.run(measure(server))
    except grpc.aio.AioRpcError as error:
        print(f"sight goal<=1.3x MISSED  (refused: {error.details()})", flush=True)
        return
    for name, (goal, people) in GOALS.items():
        ratios = {order: {one: own / whole for one, (whole, own) in by.items()} for order, by in found.items()}
        each = "; ".join(
            f"{order} {', '.join(f'{one} {by[one]:.2f}' for one in people)}" for order, by in ratios.items()
        )
        worst = max(ratios["newest"][one] for one in people)
        print(arena.verdict(name, worst, goal, more=f"  (at {ROWS:,} contacts, {each})"), flush=True)


if __name__ == "__main__":
    main()
