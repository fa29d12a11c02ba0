"""S17: a stream outlives neither its listener's session nor the right it was asked for with."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import uuid4

import grpc
import pytest

from chassis.access.caller import Reach
from chassis.testing.postgres import Postgres
from identity.app import SERVICE as IDENTITY
from kith.identity.v1.authentication_pb2 import WatchPrincipalsRequest, WatchPrincipalsResponse
from tests.security.house import House, opened

PATH = "/kith.identity.v1.Authentication/WatchPrincipals"
LONGEST_SECONDS = 30


def signed_out(house: House) -> None:
    del house.served.people["watcher"]


def right_taken(house: House) -> None:
    house.served.people["watcher"] = replace(house.served.people["watcher"], grants={"sales.*": Reach.TENANT})


@pytest.mark.parametrize(
    ("happens", "code"),
    [(signed_out, grpc.StatusCode.UNAUTHENTICATED), (right_taken, grpc.StatusCode.PERMISSION_DENIED)],
)
async def test_s17_a_stream_ends_with_what_it_was_asked_for_with(
    postgres: Postgres, happens: Callable[[House], None], code: grpc.StatusCode
) -> None:
    async with opened(IDENTITY, postgres) as house:
        granted = {"identity.platform.watch_principals": Reach.TENANT}
        house.served.people["watcher"] = replace(house.served.people["admin"], user_id=uuid4(), grants=granted)
        ask = house.served.channel.unary_stream(
            PATH, WatchPrincipalsRequest.SerializeToString, WatchPrincipalsResponse.FromString
        )
        stream: Any = ask(WatchPrincipalsRequest(), metadata=house.doorman.metadata("watcher"))
        for _ in range(3):  # heartbeats: who may listen goes on listening
            assert await asyncio.wait_for(stream.read(), LONGEST_SECONDS) is not grpc.aio.EOF
        happens(house)

        async def ended() -> None:
            while await stream.read() is not grpc.aio.EOF:
                pass

        with pytest.raises(grpc.aio.AioRpcError) as told:
            await asyncio.wait_for(ended(), LONGEST_SECONDS)
        assert told.value.code() is code
