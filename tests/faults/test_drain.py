"""A service that is asked to stop fails nobody who asks again when it is unavailable (R14, small)."""

import asyncio
import random
import signal
import time
import uuid
from collections.abc import Callable
from typing import Any

import grpc

from kith.sales.v1.lead_pb2 import CreateLeadRequest, Lead
from tests.e2e.suite import Suite
from tests.faults import processes
from tests.faults.verdict import every

CALLERS, STOPS = 8, 3
LONGEST_STOP_SECONDS = 30.0
PATIENCE_SECONDS = 60.0
CREATE = "/kith.sales.v1.Leads/CreateLead"
OPTIONS = [("grpc.initial_reconnect_backoff_ms", 100), ("grpc.max_reconnect_backoff_ms", 1_000)]


async def test_a_service_that_stops_under_load_fails_nobody_who_asks_again(
    faulty: Suite, say: Callable[[str], None]
) -> None:
    run, over = f"drain {uuid.uuid4()}", asyncio.Event()
    stops: list[float] = []
    async with grpc.aio.insecure_channel(faulty.demo["grpc"]["sales"], options=OPTIONS) as channel:
        create = channel.unary_unary(CREATE, CreateLeadRequest.SerializeToString, Lead.FromString)
        metadata = (("authorization", f"Bearer {faulty.demo['api_key']}"),)

        async def ask(request: Any) -> str:
            """The lead's id. Raises what is refused for any other reason than being unavailable."""
            end = time.monotonic() + PATIENCE_SECONDS
            while True:
                try:
                    made: Lead = await create(request, timeout=30, metadata=metadata)
                except grpc.aio.AioRpcError as error:
                    if error.code() is not grpc.StatusCode.UNAVAILABLE or time.monotonic() > end:
                        raise
                    await asyncio.sleep(random.uniform(0.05, 0.5))
                else:
                    return made.id

        async def call_on(number: int) -> list[str]:
            ids: list[str] = []
            while not over.is_set():
                name = f"{run} {number} {len(ids)}"
                ids.append(await ask(CreateLeadRequest(lead=Lead(display_name=name, source=run), request_id=name)))
            return ids

        callers = [asyncio.create_task(call_on(number)) for number in range(CALLERS)]
        try:
            for _ in range(STOPS):
                await asyncio.sleep(1)
                stops.append(await asyncio.to_thread(processes.end, faulty, "sales", signal.SIGTERM))
        finally:
            over.set()
            made = [id for ids in await asyncio.gather(*callers) for id in ids]
    with faulty.client() as client:
        there = [one["id"] for one in every(client, "leads", f'source = "{run}"')]
    assert sorted(there) == sorted(made)
    assert max(stops) < LONGEST_STOP_SECONDS, stops
    say(f"R14 {STOPS} stops, back after {[round(one, 1) for one in stops]} s; {len(made)} calls, none failed")
