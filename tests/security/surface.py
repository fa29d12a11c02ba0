"""Everything that can be called from outside, as a page: run as a program it writes it anew (S04)."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from chassis.config import METRICS_ABOVE, PORTS
from chassis.service import Method
from gateway.app import build
from gateway.config import Settings
from gateway.contract import Contract, http_rule
from gateway.openapi.operations import path_of
from gateway.rooms import Room
from gateway.rpc.routes import Routes
from tests.security.house import SERVICES
from tests.security.matrix import name_of

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "operator" / "surface.md"
CONTRACT = ROOT / "protos" / "gen" / "contract.binpb"
HEAD = """# What can be called

Every port, rpc and HTTP route there is, and what a caller needs; a public one says why. Written from the contract and
the gateway by `PYTHONPATH=.:services:protos/gen python -m tests.security.surface`; a test holds it equal to what is
served (S04).
"""
BESIDE = {
    "grpc.health.v1.Health": "says only whether the process takes calls",
    "grpc.reflection.v1.ServerReflection": "the contract is public, as at the gateway; it holds no record",
    "grpc.reflection.v1alpha.ServerReflection": "the same under the name that older programs know",
}


def page() -> str:
    """The whole page."""
    return "\n".join([HEAD, *_ports(), *_services(), *_rooms(asyncio.run(rooms())), ""])


def need_of(method: Method) -> str:
    """What a caller has to bring."""
    if method.access.public:
        return f"public: {method.access.public}"
    return f"`{method.access.permission}`" if method.access.permission else "signed in"


def openapi_doors() -> set[tuple[str, str]]:
    """HTTP method and path of everything the gateway's OpenAPI document names."""
    paths: dict[str, Any] = asyncio.run(_document())["paths"]
    return {(method.upper(), path) for path, item in paths.items() for method in item}


def rpc_doors() -> set[tuple[str, str]]:
    """HTTP method and path of every rpc that has them."""
    return {(route.method, path_of(route)) for route in Routes(Contract.read(CONTRACT).methods()).all}


async def rooms() -> list[Room]:
    """The gateway's rooms that are no rpcs."""
    with TemporaryDirectory() as web:
        gateway = _gateway(Path(web))
        try:
            found: list[Room] = gateway.rooms.all()
            return found
        finally:
            await gateway.close()


async def _document() -> dict[str, Any]:
    from gateway.nouns import nouns_of
    from gateway.openapi.document import document
    from gateway.titles import Titles

    contract = Contract.read(CONTRACT)
    return document(contract, Routes(contract.methods()), nouns_of(contract), Titles(contract), "kith")


def _gateway(web: Path) -> Any:
    contract = Contract.read(CONTRACT)
    settings: dict[str, Any] = {"gateway_secret": "only to be listed, never to be served", "web": web}
    return build(Settings(**settings), contract, dict.fromkeys(contract.services(), "127.0.0.1:1"))


def _ports() -> Iterator[str]:
    yield "## Ports\n"
    yield "| process | port | numbers for Prometheus, without tenants or people |"
    yield "|---|---|---|"
    for name, port in PORTS.items():
        yield f"| {name} | {port} | {port + METRICS_ABOVE if name != 'gateway' else 'at /metrics'} |"
    yield "\nEach service also answers, to anybody who reaches its port:\n"
    yield from (f"- `{name}`: {why}" for name, why in BESIDE.items())


def _services() -> Iterator[str]:
    for name, service in SERVICES.items():
        yield f"\n## {name}: {len(service.methods)} rpcs\n"
        yield "| rpc | needs | over HTTP |"
        yield "|---|---|---|"
        for method in service.methods:
            verb, path, _ = http_rule(method.descriptor)
            route = f"`{verb} {path}`" if verb else ""
            yield f"| {name_of(method).partition('.')[2]} | {need_of(method)} | {route} |"


def _rooms(rooms: list[Room]) -> Iterator[str]:
    yield "\n## gateway: rooms that are no rpcs\n"
    yield "| route | needs |"
    yield "|---|---|"
    for room in rooms:
        for verb in room.doors:
            yield f"| `{verb} {room.path}` | {f'public: {room.public}' if room.public else 'signed in'} |"


if __name__ == "__main__":
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    PAGE.write_text(page(), encoding="utf-8")
