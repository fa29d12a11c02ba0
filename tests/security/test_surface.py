"""What is served is what the list says; what is public says why; every refusal has its reason in the contract (S04)."""

import asyncio
import importlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

from chassis.errors import Refusal
from chassis.testing.postgres import Postgres
from gateway.contract import Contract
from tests.security.house import SERVICES, opened
from tests.security.surface import BESIDE, CONTRACT, PAGE, ROOT, openapi_doors, page, rooms, rpc_doors


def test_the_list_is_what_is_there() -> None:
    there, listed = page(), PAGE.read_text(encoding="utf-8")
    assert there == listed, "run `python -m tests.security.surface`, and read what changed before you commit it"


def test_whatever_is_public_says_why() -> None:
    methods = [method for service in SERVICES.values() for method in service.methods]
    assert all(len(method.access.public) > 10 for method in methods if method.access.WhichOneof("need") == "public")
    known = {path for _, path in openapi_doors()}
    for room in asyncio.run(rooms()):
        assert room.public or room.path in known, f"{room.path} is neither public nor in the OpenAPI document"


def test_the_openapi_document_names_every_rpc_with_a_route() -> None:
    assert rpc_doors() <= openapi_doors()


@pytest.mark.parametrize("name", SERVICES)
async def test_a_port_serves_what_its_contract_says_and_nothing_else(postgres: Postgres, name: str) -> None:
    service = SERVICES[name]
    async with opened(service, postgres) as house:
        stub = reflection_pb2_grpc.ServerReflectionStub(house.served.channel)
        request = reflection_pb2.ServerReflectionRequest(list_services="")
        async for answer in stub.ServerReflectionInfo(iter([request]), timeout=60):
            served = {one.name for one in answer.list_services_response.service}
        assert served == {method.descriptor.containing_service.full_name for method in service.methods} | BESIDE.keys()
        never: Any = house.served.channel.unary_unary(f"/kith.{name}.v1.Never/Was")
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await never(b"", timeout=60)
        assert refused.value.code() is grpc.StatusCode.UNIMPLEMENTED


def test_every_reason_in_the_contract_is_a_refusal_in_code_and_the_other_way_round() -> None:
    """Of a service its own; of kith.v1 the chassis's, and what the gateway says by name."""
    said: dict[str, set[str]] = {}
    for kind in refusals():
        said.setdefault(kind.__module__.partition(".")[0], set()).add(kind.reason)
    for enum in Contract.read(CONTRACT).enums():
        if enum.name != "Reason":
            continue
        service = enum.full_name.split(".")[1]
        known = {value.name.removeprefix("REASON_") for value in enum.values} - {"UNSPECIFIED"}
        if service == "v1":
            gateway = {reason for reason in known if f'"{reason}"' in gateway_text()}
            assert said["chassis"] <= known
            assert known <= said["chassis"] | gateway
        else:
            assert known == said.pop(service), service
    assert set(said) == {"chassis"}


def refusals() -> Iterator[type[Refusal]]:
    """Of all code that can be loaded without starting anything."""
    for source, home in ((ROOT, "chassis"), *((ROOT / "services", name) for name in SERVICES)):
        for file in sorted((source / home).rglob("*.py")):
            if file.stem not in ("__main__", "__init__") and "migrations" not in file.parts:
                importlib.import_module(".".join(file.relative_to(source).with_suffix("").parts))
    waiting = [Refusal]
    while waiting:
        for kind in waiting.pop().__subclasses__():
            if kind.__module__.partition(".")[0] in ("chassis", *SERVICES) and _is_written(kind):
                yield kind
            waiting.append(kind)


def _is_written(kind: type[Refusal]) -> bool:
    """Not made while running, as a neighbour's reason is."""
    return getattr(importlib.import_module(kind.__module__), kind.__name__, None) is kind


def gateway_text() -> str:
    return "\n".join(file.read_text(encoding="utf-8") for file in Path(ROOT / "gateway").rglob("*.py"))
