"""The gateway before a backend that stands in for all services, on a small contract of the tests' own."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest

from gateway.app import Gateway, build
from gateway.config import Settings
from gateway.contract import Contract
from gateway.live.source import Change, Source
from tests.gateway.backend import Services, serving

ROOT = Path(__file__).parents[2]
ORIGIN = "http://127.0.0.1:8080"
SECRET = "a secret that all replicas share, in tests"
Build = Callable[..., Gateway]


@pytest.fixture(scope="session")
def contract(tmp_path_factory: pytest.TempPathFactory) -> Contract:
    out = tmp_path_factory.mktemp("gateway-contract")
    command = [sys.executable, str(ROOT / "protos/generate.py"), "--only", str(ROOT / "tests/gateway/protos")]
    subprocess.run([*command, "--out", str(out)], check=True, capture_output=True)
    return Contract.read(out / "contract.binpb")


@pytest.fixture
async def services(contract: Contract) -> AsyncIterator[Services]:
    async with serving(contract) as made:
        yield made


class Silent:
    """An event log in which nothing is ever said."""

    async def tail(self, topics: Sequence[str]) -> AsyncIterator[Sequence[Change]]:
        await asyncio.Event().wait()
        yield []


SILENT = Silent()


@pytest.fixture
async def built(contract: Contract, services: Services, tmp_path: Path) -> AsyncIterator[Build]:
    """Makes a gateway; settings by keyword."""
    made: list[Gateway] = []

    def build_one(source: Source | None = SILENT, **settings: Any) -> Gateway:
        given: dict[str, Any] = {"gateway_secret": SECRET, "web": tmp_path / "dist"} | settings
        places = dict.fromkeys(contract.services(), f"127.0.0.1:{services.port}")
        made.append(build(Settings(**given), contract, places, source))
        return made[-1]

    yield build_one
    for gateway in made:
        await gateway.close()


@pytest.fixture
async def gateway(built: Build) -> Gateway:
    return built()


@pytest.fixture
async def rep(gateway: Gateway) -> AsyncIterator[httpx.AsyncClient]:
    """A program with a token."""
    async with client_of(gateway, {"authorization": "Bearer rep"}) as made:
        yield made


@pytest.fixture
async def browser(gateway: Gateway) -> AsyncIterator[httpx.AsyncClient]:
    """No token; keeps cookies."""
    async with client_of(gateway, {}) as made:
        yield made


def client_of(gateway: Gateway, headers: dict[str, str], base_url: str = ORIGIN) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(gateway.app, raise_app_exceptions=True)
    return httpx.AsyncClient(transport=transport, base_url=base_url, headers=headers)
