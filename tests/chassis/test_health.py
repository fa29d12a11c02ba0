"""A service says for each of its names whether it takes calls, and says that it goes before it goes (1, 2)."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any, cast

import grpc
import pytest
from grpc_health.v1 import health_pb2
from grpc_health.v1.health_pb2 import HealthCheckRequest, HealthCheckResponse

from chassis.call import Means
from chassis.calls import Calls
from chassis.transport.pipeline import Pipeline
from chassis.transport.server import Server
from cli import health as asked
from tests.chassis.gadgets import SERVICE

SERVING, NOT_SERVING = HealthCheckResponse.SERVING, HealthCheckResponse.NOT_SERVING
NAMES = ["", SERVICE.name, *{method.descriptor.containing_service.full_name for method in SERVICE.methods}]


async def nobody(metadata: Any) -> Any:
    raise AssertionError("health asks nobody who he is")


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    """Of gadgets; its health needs no database."""
    made = Server(SERVICE, Pipeline(Calls(SERVICE.name, cast(Any, None), Means(b"")), nobody), "127.0.0.1:0")
    await made.start()
    yield made
    await made.stop(None)


@pytest.fixture
async def channel(server: Server) -> AsyncIterator[grpc.aio.Channel]:
    async with grpc.aio.insecure_channel(f"127.0.0.1:{server.port}") as made:
        yield made


async def check(channel: grpc.aio.Channel, raw: bytes) -> Any:
    bound: Any = channel.unary_unary("/grpc.health.v1.Health/Check")
    return HealthCheckResponse.FromString(await bound(raw, timeout=60)).status


def watch(channel: grpc.aio.Channel, name: str) -> Any:
    bound: Any = channel.unary_stream(
        "/grpc.health.v1.Health/Watch", HealthCheckRequest.SerializeToString, HealthCheckResponse.FromString
    )
    return bound(HealthCheckRequest(service=name), timeout=60)


async def test_each_name_is_told_one_by_one_and_together(channel: grpc.aio.Channel) -> None:
    for name in NAMES:
        assert await check(channel, HealthCheckRequest(service=name).SerializeToString()) == SERVING
    bound: Any = channel.unary_unary("/grpc.health.v1.Health/List")
    listed = health_pb2.HealthListResponse.FromString(await bound(b"", timeout=60)).statuses
    assert {name: one.status for name, one in listed.items()} == dict.fromkeys(NAMES, SERVING)


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (HealthCheckRequest(service="nothing").SerializeToString(), grpc.StatusCode.NOT_FOUND),
        (b"\xff\xff", grpc.StatusCode.INVALID_ARGUMENT),
    ],
)
async def test_what_is_not_there_and_what_is_no_question_are_refused(
    channel: grpc.aio.Channel, raw: bytes, code: grpc.StatusCode
) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await check(channel, raw)
    assert refused.value.code() is code


async def test_whoever_watches_is_told_before_it_goes_and_is_let_go(server: Server, channel: grpc.aio.Channel) -> None:
    watches = {name: watch(channel, name) for name in (*NAMES, "nothing")}
    first = {name: (await one.read()).status for name, one in watches.items()}
    assert first == dict.fromkeys(NAMES, SERVING) | {"nothing": HealthCheckResponse.SERVICE_UNKNOWN}
    stopping = asyncio.create_task(server.stop())
    assert {(await watches[name].read()).status for name in NAMES} == {NOT_SERVING}
    assert await check(channel, b"") == NOT_SERVING  # it still answers, and says so
    assert {await one.read() for one in watches.values()} == {grpc.aio.EOF}
    await stopping
    assert {await one.code() for one in watches.values()} == {grpc.StatusCode.OK}
    assert not server.is_well()


async def test_a_watch_that_is_given_up_leaves_the_others(server: Server, channel: grpc.aio.Channel) -> None:
    given_up, kept = watch(channel, ""), watch(channel, "")
    assert [(await one.read()).status for one in (given_up, kept)] == [SERVING, SERVING]
    given_up.cancel()
    stopping = asyncio.create_task(server.stop())
    assert (await kept.read()).status == NOT_SERVING
    await stopping


async def test_kith_health_watch_tells_each_change_until_it_is_away(server: Server) -> None:
    told: asyncio.Queue[str] = asyncio.Queue()
    loop = asyncio.get_running_loop()

    def follow() -> None:
        for change in asked.watch(f"127.0.0.1:{server.port}"):
            loop.call_soon_threadsafe(told.put_nowait, change)

    async with asyncio.timeout(60):
        following = asyncio.create_task(asyncio.to_thread(follow))
        assert await told.get() == "SERVING"
        await server.stop()
        assert [await told.get(), await told.get()] == ["NOT_SERVING", "AWAY"]
        await following
