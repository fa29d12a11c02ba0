"""P4: GET one, GET 50 and POST one over HTTP, 32 connections, against bare ASGI before a bare backend."""

import asyncio
import statistics
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

import grpc
import orjson
import uvloop

from bench import arena, authority
from bench.bare_gateway import json_of
from bench.http_load import rate
from bench.leads import seed
from bench.people import lead_of
from chassis.testing.postgres import Postgres, Urls, free_port
from gateway.rpc.backend import HEALTH_SECONDS
from kith.identity.v1 import authentication_pb2 as identity
from sales.app import SERVICE

CONNECTIONS, GOAL = 32, 0.7
SERVICES = "identity", "contacts", "sales", "service_desk", "marketing"
NO_LIMIT = {
    f"KITH_LIMIT_{who}_{what}": "1000000" for who in ("TENANT", "USER", "ADDRESS") for what in ("PER_SECOND", "BURST")
}
LIST = f"/v1/leads?pageSize=50&filter={quote('state = NEW')}&orderBy={quote('create_time desc')}"
MADE_BY_SERVER = {"id", "etag", "createTime", "updateTime", "creatorId", "updaterId", "ownerId", "teamId", "state"}


def asked(method: str, target: str, token: str, body: bytes = b"") -> bytes:
    lines = [
        f"{method} {target} HTTP/1.1", "Host: 127.0.0.1", f"Authorization: Bearer {token}",
        f"Traceparent: {authority.TRACEPARENT}", "Accept: application/json",
    ]  # fmt: skip
    if body:
        lines += [f"Content-Length: {len(body)}", "Content-Type: application/json", f"Idempotency-Key: {uuid.uuid4()}"]
    return "\r\n".join([*lines, "", ""]).encode() + body


def posted(number: int) -> bytes:
    return orjson.dumps({name: value for name, value in json_of(lead_of(number)).items() if name not in MADE_BY_SERVER})


def paths(ids: list[str]) -> dict[str, tuple[int, Callable[[int], bytes]]]:
    """How many requests make one turn of a path, and the n-th of them."""
    token = authority.token()
    return {
        "P4a": (400, lambda n: asked("GET", f"/v1/leads/{ids[n % len(ids)]}", token)),
        "P4b": (60, lambda n: asked("GET", LIST, token)),
        "P4c": (200, lambda n: asked("POST", "/v1/leads", token, posted(n))),
    }


@contextmanager
def sides(urls: Urls, identity_port: int) -> Iterator[dict[str, int]]:
    """Each side's backend and what stands before it; the ports to ask."""
    ports = {side: free_port() for side in arena.SIDES}
    at = {side: f"127.0.0.1:{free_port()}" for side in arena.SIDES}
    told = {f"KITH_{name.upper()}_ADDRESS": at["ours"] for name in SERVICES}
    told |= {"KITH_IDENTITY_ADDRESS": f"127.0.0.1:{identity_port}", "KITH_PORT": str(ports["ours"])}
    told |= {"KITH_GATEWAY_SECRET": "of no worth to anybody: for a benchmark", **NO_LIMIT}
    with (
        arena.backend("floor", urls, at["floor"]),
        arena.backend("ours", urls, at["ours"]),
        arena.process_of("bench.bare_gateway", str(ports["floor"]), told={"BARE_BACKEND": at["floor"]}),
        arena.process_of("gateway", "serve", told=told),
    ):
        yield ports


async def who_am_i() -> tuple[grpc.aio.Server, int]:
    """Identity, as far as the gateway asks it: once, since it keeps the answer."""

    async def answer(request: Any, context: Any) -> identity.WhoAmIResponse:
        who = identity.Principal(tenant_id=str(authority.TENANT), user_id=str(authority.USER))
        return identity.WhoAmIResponse(principal=who)

    method = grpc.unary_unary_rpc_method_handler(
        answer, identity.WhoAmIRequest.FromString, identity.WhoAmIResponse.SerializeToString
    )
    server = grpc.aio.server()
    name = "kith.identity.v1.Authentication"
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(name, {"WhoAmI": method}),))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    return server, port


async def until_answered(port: int, request: bytes) -> None:
    """Raises what went wrong last, when it does not answer in time."""
    loop = asyncio.get_running_loop()
    end = loop.time() + arena.START_SECONDS
    while True:
        try:
            await rate(port, [request], 1)
            return
        except (RuntimeError, OSError):
            if loop.time() > end:
                raise
            await asyncio.sleep(HEALTH_SECONDS / 10)


async def fight(url: Postgres) -> dict[str, list[float]]:
    """The ratios of requests a second, ours to the floor's, of each path and round."""
    async with url.database(SERVICE) as urls:
        ids = await seed(urls.admin, arena.ROWS)
        server, identity_port = await who_am_i()
        found: dict[str, list[float]] = {}
        with sides(urls, identity_port) as ports:
            for path, (turn, nth) in paths(ids).items():
                for port in ports.values():
                    await until_answered(port, nth(0))
                found[path] = [await _round(ports, turn, nth) for _ in range(arena.ROUNDS + 1)][1:]
        await server.stop(None)
        return found


async def _round(ports: dict[str, int], turn: int, nth: Callable[[int], bytes]) -> float:
    seconds = dict.fromkeys(ports, 0.0)
    for number in range(4):
        requests = [nth(number * turn + n) for n in range(turn)]
        for side in sorted(ports, reverse=bool(number % 2)):
            seconds[side] += turn / await rate(ports[side], requests, CONNECTIONS)
    return seconds["floor"] / seconds["ours"]


def main() -> None:
    with arena.postgres() as server:
        found: dict[str, list[float]] = uvloop.run(fight(server))
    for path, ratios in found.items():
        spread = f"  (requests a second; {len(ratios)} rounds, {min(ratios):.2f}..{max(ratios):.2f})"
        print(arena.verdict(path, statistics.median(ratios), GOAL, at_least=True, more=spread), flush=True)


if __name__ == "__main__":
    main()
