"""Health, readiness, numbers, settings; and the gateway as a process of its own."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import psutil
import pytest

from chassis.config import Misconfigured, load
from chassis.database.embedded import free_port
from gateway.config import Settings, addresses
from gateway.contract import Contract
from gateway.rpc.backend import Backend
from tests.gateway.backend import Services
from tests.gateway.conftest import ROOT, SECRET


async def test_it_is_ready_while_identity_and_others_serve(browser: httpx.AsyncClient, services: Services) -> None:
    ready = await browser.get("/readyz")
    assert (ready.status_code, ready.json()["services"]) == (
        200,
        {"garden": "SERVING", "identity": "SERVING", "shed": "SERVING"},
    )
    services.serving = False
    assert (await browser.get("/readyz")).status_code == 503
    assert (await browser.get("/healthz")).json() == {"status": "ok"}


@pytest.mark.parametrize(
    ("away", "status"), [({"shed"}, 200), ({"shed", "garden"}, 200), ({"identity"}, 503), ({"identity", "shed"}, 503)]
)
async def test_one_service_away_does_not_take_the_others_along(
    browser: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, away: set[str], status: int
) -> None:
    async def health(self: Backend) -> dict[str, str]:
        return {name: "UNREACHABLE" if name in away else "SERVING" for name in ("garden", "identity", "shed")}

    monkeypatch.setattr(Backend, "health", health)
    assert (await browser.get("/readyz")).status_code == status


async def test_numbers_have_few_labels_and_name_nobody(rep: httpx.AsyncClient) -> None:
    for n in range(3):
        await rep.get(f"/v1/plants/number-{n}")
        await rep.get(f"/v1/number-{n}")
        await rep.request("BREW", f"/v1/plants/number-{n}")
    said = (await rep.get("/metrics")).text
    line = 'kith_http_request_duration_seconds_count{method="GET",route="/v1/plants/{id}",status="200"}'
    assert line in said
    assert "number-" not in said
    assert "BREW" not in said


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("KITH_GATEWAY_SECRET", None, "KITH_GATEWAY_SECRET is not set"),
        ("KITH_GATEWAY_SECRET", "short", "KITH_GATEWAY_SECRET is wrong"),
        ("KITH_PORT", "99999", "KITH_PORT is wrong: input should be less than or equal to 65535"),
        ("KITH_ORIGIN", "crm.example", "KITH_ORIGIN is no address such as https://crm.example"),
        ("KITH_ORIGIN", "https://a.example,http://b.example", "KITH_ORIGIN is partly https and partly http"),
    ],
)
def test_a_wrong_setting_is_one_clear_sentence(name: str, value: str | None, said: str) -> None:
    environ = {"KITH_GATEWAY_SECRET": SECRET} | {name: value or ""}
    if value is None:
        del environ[name]
    with pytest.raises(Misconfigured) as caught:
        load(Settings, "gateway", environ)
    assert str(caught.value).startswith(said)
    assert "\n" not in str(caught.value)


def test_origins_follow_the_port_or_are_named() -> None:
    told = {"KITH_GATEWAY_SECRET": SECRET, "KITH_PORT": "9000"}
    settings = load(Settings, "gateway", told)
    assert settings.origins == {"http://127.0.0.1:9000", "http://localhost:9000"}
    named = load(Settings, "gateway", told | {"KITH_ORIGIN": "https://CRM.example/, https://b.example"})
    assert named.origins == {"https://crm.example", "https://b.example"}
    assert named.secure
    assert SECRET not in repr(settings)


def test_each_service_of_the_contract_needs_an_address() -> None:
    settings = load(Settings, "gateway", {"KITH_GATEWAY_SECRET": SECRET, "KITH_SALES_ADDRESS": "a:1"})
    assert addresses(settings, ["sales", "shed"], {"KITH_SHED_ADDRESS": "b:2"}) == {"sales": "a:1", "shed": "b:2"}
    with pytest.raises(Misconfigured, match="KITH_SHED_ADDRESS is not set"):
        addresses(settings, ["sales", "shed"], {})


@asynccontextmanager
async def process(contract_file: Path, services: Services) -> AsyncIterator[tuple[str, asyncio.subprocess.Process]]:
    port, place = free_port(), f"127.0.0.1:{services.port}"
    environment = os.environ | {
        "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'protos/gen'}",
        "KITH_PORT": str(port), "KITH_GATEWAY_SECRET": SECRET, "KITH_CONTRACT": str(contract_file),
        "KITH_EVENTS_DATABASE_URL": f"postgresql://nobody@127.0.0.1:{free_port()}/none",
        "KITH_GARDEN_ADDRESS": place, "KITH_SHED_ADDRESS": place, "KITH_IDENTITY_ADDRESS": place,
    }  # fmt: skip
    command = [sys.executable, "-m", "gateway", "serve"]
    made = await asyncio.create_subprocess_exec(*command, cwd=ROOT, env=environment, stdout=asyncio.subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    try:
        async with httpx.AsyncClient() as client:
            until = time.monotonic() + 20
            while True:
                try:
                    await client.get(url + "/healthz")
                    break
                except httpx.TransportError:
                    assert time.monotonic() < until, "the gateway did not start within 20 s"
                    await asyncio.sleep(0.1)
        yield url, made
    finally:
        if made.returncode is None:
            made.kill()
        await made.wait()


async def test_the_process_serves_cancels_for_who_left_and_ends_when_told(
    contract: Contract, services: Services, tmp_path: Path
) -> None:
    (tmp_path / "contract.binpb").write_bytes(contract.serialized)
    waiting = asyncio.Event()

    async def never(request: object) -> object:
        waiting.set()
        await asyncio.sleep(60)
        raise AssertionError("was not cancelled")

    services.answers["WaterPlant"] = never  # type: ignore[assignment]  # never answers
    async with process(tmp_path / "contract.binpb", services) as (url, gateway):
        async with httpx.AsyncClient(base_url=url, headers={"authorization": "Bearer rep"}) as rep:
            assert (await rep.get("/v1/plants/7")).status_code == 200
            head = await rep.head("/v1/plants/7")
            assert (head.status_code, head.content) == (200, b"")
            leaving = asyncio.ensure_future(rep.post("/v1/plants/7:water", json={"litres": 1}))
            await asyncio.wait_for(waiting.wait(), 60)
            await asyncio.sleep(0.2)
            leaving.cancel()
        until = time.monotonic() + 5
        while "WaterPlant" not in services.cancelled:
            assert time.monotonic() < until, "the rpc outlived its client"
            await asyncio.sleep(0.02)
        async with (
            httpx.AsyncClient(base_url=url, headers={"authorization": "Bearer rep"}) as listener,
            listener.stream("GET", "/v1/events/stream") as stream,
        ):
            assert (await anext(stream.aiter_lines())) == "event: hello"  # though its database is away
            gateway.send_signal(signal.SIGTERM)
            assert await asyncio.wait_for(gateway.wait(), 60) == 0


RAW = {  # what stands in the first line: the status, and whether a problem says why
    '/v1/plants?filter=name="rose"': (400, False),
    "/v1/plants?filter=litres>5": (400, False),
    "/v1/plants/a b": (400, False),
    "/v1/plants?filter=" + "x" * 70_000: (431, False),
    "/v1/plants?pageSize=%22five%22%3E": (400, True),
    "/v1/plants?pageSize=王{}|": (400, True),
}


async def test_only_what_is_no_http_is_refused_without_a_word(
    contract: Contract, services: Services, tmp_path: Path
) -> None:
    """By the parser in front of us, before we are asked; the integrator guide says so (12)."""
    (tmp_path / "contract.binpb").write_bytes(contract.serialized)
    async with process(tmp_path / "contract.binpb", services) as (url, _):
        for target, (status, told) in RAW.items():
            reader, writer = await asyncio.open_connection("127.0.0.1", int(url.rpartition(":")[2]))
            head = "host: here\r\nauthorization: Bearer rep\r\nconnection: close"
            writer.write(f"GET {target} HTTP/1.1\r\n{head}\r\n\r\n".encode())
            answer, _, body = (await asyncio.wait_for(reader.read(), 60)).partition(b"\r\n\r\n")
            writer.close()
            said = int(answer.split(b" ")[1]), b"application/problem+json" in answer
            assert (said, bool(body)) == ((status, told), told), target


async def test_no_worker_outlives_a_process_that_was_killed(
    contract: Contract, services: Services, tmp_path: Path
) -> None:
    """R01: else the port would be answered by one that nobody minds."""
    (tmp_path / "contract.binpb").write_bytes(contract.serialized)
    async with process(tmp_path / "contract.binpb", services) as (_, gateway):
        (worker,) = psutil.Process(gateway.pid).children()
        gateway.kill()
        until = time.monotonic() + 5
        while worker.is_running() and worker.status() != psutil.STATUS_ZOMBIE:
            assert time.monotonic() < until, "the worker goes on"
            await asyncio.sleep(0.05)


def test_a_process_that_cannot_start_says_why(tmp_path: Path) -> None:
    import subprocess

    environment = {name: value for name, value in os.environ.items() if not name.startswith("KITH_")}
    environment["PYTHONPATH"] = f"{ROOT}{os.pathsep}{ROOT / 'protos/gen'}"
    command = [sys.executable, "-m", "gateway", "serve"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 78
    assert done.stderr.startswith("gateway cannot start: KITH_GATEWAY_SECRET is not set")
    assert done.stderr.count("\n") == 1
