"""Replies from several rpcs at once: parts that are missing are named, rights stay the services' own."""

import asyncio
import re
from typing import Any

import httpx
import pytest
from google.rpc.code_pb2 import Code

from gateway.contract import Contract
from gateway.incoming import Incoming
from gateway.problems import Problem
from gateway.rpc.backend import Backend
from gateway.views.home import HOME
from gateway.views.overviews import ACCOUNT, CONTACT
from gateway.views.parts import Part, Parts, gather
from kith.v1 import options_pb2
from tests.gateway.backend import Refused, Services
from tests.gateway.conftest import ROOT

PLANTS, TOOLS = "kith.garden.v1.Plants.", "kith.shed.v1.Tools."
REAL = ROOT / "protos/gen/contract.binpb"
VIEW: Parts = {
    "plant": Part(PLANTS + "GetPlant", lambda id, got: {"id": id}, required=True),
    "tools": Part(TOOLS + "ListTools", lambda id, got: {"filter": f'plant_id = "{id}"'}, "tools"),
    "owners": Part(
        PLANTS + "BatchGetPlants",
        lambda id, got: {"ids": [one["plantId"] for one in got["tools"]]} if got["tools"] else None,
        "plants",
        needs=("tools",),
    ),
}


@pytest.fixture
async def backend(contract: Contract, services: Services) -> Any:
    made = Backend(contract, {"garden": f"127.0.0.1:{services.port}", "shed": f"127.0.0.1:{services.port}"})
    yield made
    await made.close()


def incoming() -> Incoming:
    return Incoming({}, "", "id", "", "rep")


def refuse(code: int, reason: str) -> Any:
    def answer(request: object) -> object:
        raise Refused(code, reason)

    return answer


async def test_parts_are_asked_with_the_callers_own_token(backend: Backend, services: Services) -> None:
    services.answers["ListTools"] = lambda _: services.message(
        "kith.shed.v1.ListToolsResponse", tools=[{"id": "1", "plant_id": "9"}], next_page_token="more"
    )
    whole = await gather(VIEW, "7", backend, incoming())
    assert (whole["tools"][0]["plantId"], whole["missing"], whole["more"]) == ("9", [], ["tools"])
    assert services.last("ListTools").request.filter == 'plant_id = "7"'
    assert list(services.last("BatchGetPlants").request.ids) == ["9"]
    assert {heard.metadata["authorization"] for heard in services.heard} == {"Bearer rep"}


async def test_a_missing_part_is_named_and_takes_along_what_needs_it(backend: Backend, services: Services) -> None:
    services.answers["ListTools"] = refuse(Code.UNAVAILABLE, "UNAVAILABLE")
    whole = await gather(VIEW, "7", backend, incoming())
    assert (whole["tools"], whole["owners"]) == (None, None)
    assert {(one["part"], one["reason"]) for one in whole["missing"]} == {
        ("tools", "UNAVAILABLE"),
        ("owners", "UNAVAILABLE"),
    }


async def test_nothing_to_ask_for_is_an_empty_part_and_no_call(backend: Backend, services: Services) -> None:
    whole = await gather(VIEW, "7", backend, incoming())
    assert (whole["owners"], whole["missing"]) == ([], [])
    assert services.of("BatchGetPlants") == []


async def test_a_slow_part_is_missing_and_the_others_are_not_kept(backend: Backend, services: Services) -> None:
    async def slow(request: object) -> Any:
        await asyncio.sleep(30)

    services.answers["ListTools"] = slow
    parts = {**VIEW, "tools": Part(TOOLS + "ListTools", lambda id, got: {}, "tools", seconds=0.05)}
    whole = await asyncio.wait_for(gather(parts, "7", backend, incoming()), 60)
    assert {one["reason"] for one in whole["missing"]} == {"DEADLINE_EXCEEDED"}
    assert whole["plant"] is not None


async def test_a_required_part_that_is_refused_refuses_the_view(backend: Backend, services: Services) -> None:
    services.answers["GetPlant"] = refuse(Code.NOT_FOUND, "NOT_FOUND")
    with pytest.raises(Problem) as caught:
        await gather(VIEW, "7", backend, incoming())
    assert (caught.value.status, caught.value.reason) == (404, "NOT_FOUND")


async def test_a_service_that_is_not_there_is_a_missing_part(backend: Backend) -> None:
    parts = {"contact": Part("kith.contacts.v1.Contacts.GetContact", lambda id, got: {"id": id})}
    assert (await gather(parts, "7", backend, incoming()))["missing"] == [
        {"part": "contact", "reason": "UNIMPLEMENTED"}
    ]


async def test_the_overviews_are_at_their_addresses(rep: httpx.AsyncClient) -> None:
    """Contacts are not served in these tests: the required record is refused, and only a UUID is one."""
    for noun in ("contacts", "accounts"):
        assert (await rep.get(f"/v1/{noun}/0192f000-0000-7000-8000-00000000000a/overview")).status_code == 501
        bad = await rep.get(f'/v1/{noun}/7" OR id:*/overview')
        assert (bad.status_code, bad.json()["errors"][0]["field"]) == (400, "id")
    home = (await rep.get("/v1/home")).json()
    assert {one["part"] for one in home["missing"]} == set(HOME)


async def test_search_finds_every_noun_that_words_find(rep: httpx.AsyncClient, services: Services) -> None:
    names = ["Old oak", "an oak", "cloak", "Oak of the north", "unlike"]
    services.answers["ListPlants"] = lambda _: services.message(
        "kith.garden.v1.ListPlantsResponse",
        plants=[{"id": str(n), "display_name": name} for n, name in enumerate(names)],
    )
    services.answers["ListTools"] = lambda _: services.message(
        "kith.shed.v1.ListToolsResponse", tools=[{"id": "t", "inscription": "oak saw"}]
    )
    found = (await rep.get("/v1/search", params={"query": ' oak "\\ '})).json()
    assert services.last("ListPlants").request.filter == '"oak"'
    assert [group["noun"] for group in found["results"]] == ["garden.plant", "shed.tool"]
    assert found["results"][1] == {
        "noun": "shed.tool", "plural": "tools", "label": {"zh": "工具", "en": "Tool"},
        "records": [{"id": "t", "displayName": "oak saw"}],
    }  # fmt: skip
    found = (await rep.get("/v1/search", params={"query": "oak"})).json()
    titles = [one["displayName"] for one in found["results"][0]["records"]]
    assert titles == ["Oak of the north", "Old oak", "an oak", "cloak", "unlike"]


async def test_a_search_part_that_is_missing_is_named(rep: httpx.AsyncClient, services: Services) -> None:
    services.answers["ListTools"] = refuse(Code.PERMISSION_DENIED, "PERMISSION_DENIED")
    found = (await rep.get("/v1/search?query=oak")).json()
    assert found == {"results": [], "missing": [{"part": "shed.tool", "reason": "PERMISSION_DENIED"}]}


@pytest.mark.parametrize("query", ["", "   ", '"', "**", "a" * 201, "a\0b"])
async def test_a_search_for_nothing_is_refused(rep: httpx.AsyncClient, services: Services, query: str) -> None:
    reply = await rep.get("/v1/search", params={"query": query})
    assert (reply.status_code, reply.json()["errors"][0]["field"]) == (400, "query")
    assert services.of("ListPlants") == []


async def test_words_are_quoted_so_that_they_stay_words(rep: httpx.AsyncClient, services: Services) -> None:
    """S05: a search is no way into the filter language."""
    await rep.get("/v1/search", params={"query": 'a" OR state=OPEN b\\'})
    assert services.last("ListPlants").request.filter == '"a\\"" "OR" "state=OPEN" "b\\\\"'


def test_every_part_names_an_rpc_and_fields_that_the_suite_has() -> None:
    real = Contract.read(REAL)
    for view in (CONTACT, ACCOUNT, HOME):
        for name, part in view.items():
            method = real.method(part.rpc)
            assert method, f"{name}: {part.rpc}"
            fields = part.fields("7", {need: [] for need in part.needs} | {"contact": {"accountId": "7"}})
            assert set(fields or {}) <= set(method.input_type.fields_by_name), name
            taken = {f.json_name: f for f in method.output_type.fields}.get(part.takes)
            assert taken or not part.takes, name
            named = re.findall(r"(\w+)(?: =|:)", (fields or {}).get("filter", ""))
            ordered = (fields or {}).get("order_by", "").split(" ")[0]
            if method.name.startswith("Aggregate"):
                noun = real.message("kith.sales.v1.Opportunity").DESCRIPTOR
            else:
                noun = (taken and taken.message_type) or method.output_type
            assert set(named) <= set(noun.fields_by_name), (name, named)
            if ordered:
                assert noun.fields_by_name[ordered].GetOptions().Extensions[options_pb2.sortable], (name, ordered)
