"""The route table and the OpenAPI document, from descriptors alone; and what else answers at all (S04)."""

from pathlib import Path

import httpx
import pytest
from openapi_spec_validator import validate

from gateway.app import Gateway
from gateway.contract import Contract
from gateway.nouns import nouns_of
from gateway.openapi.document import document
from gateway.problems import STATUSES
from gateway.rpc.routes import Routes
from gateway.titles import Titles
from tests.gateway.conftest import ROOT

ROOMS = Path(__file__).parent / "rooms.txt"
REAL = ROOT / "protos/gen/contract.binpb"


def test_two_rpcs_behind_one_door_are_refused_at_start_up(contract: Contract) -> None:
    with pytest.raises(TypeError, match=r"both kith\.garden\.v1\.\w+\.\w+ and kith\.garden\.v1\.\w+\.\w+"):
        Routes([*contract.methods(), next(m for m in contract.methods() if m.name == "GetPlant")])


@pytest.mark.parametrize(
    ("method", "path", "rpc", "values"),
    [
        ("GET", "/v1/plants/7", "GetPlant", ["7"]),
        ("PATCH", "/v1/plants/7", "UpdatePlant", ["7"]),
        ("POST", "/v1/plants/a%2Fb:water", "WaterPlant", ["a/b"]),
        ("GET", "/v1/plants", "ListPlants", []),
        ("GET", "/v1/plants:batchGet", "BatchGetPlants", []),
        ("GET", "/v1/me", "WhoAmI", []),
        ("GET", "/v1/plants/", None, []),
        ("GET", "/v1/plants/7/8", None, []),
        ("POST", "/v1/plants/7:Water", None, ["7"]),
    ],
)
def test_a_path_finds_its_rpc(contract: Contract, method: str, path: str, rpc: str | None, values: list[str]) -> None:
    route, found, _ = Routes(contract.methods()).find(method, path)
    assert (route and route.rpc.name, found) == (rpc, values)


async def test_the_document_is_valid_and_says_what_the_protos_say(rep: httpx.AsyncClient) -> None:
    api = (await rep.get("/openapi.json")).json()
    validate(api)
    plant = api["components"]["schemas"]["Plant"]
    assert plant["required"] == ["displayName"]
    assert plant["x-kith-label"] == {"zh": "植物", "en": "Plant"}
    assert plant["properties"]["displayName"] == {
        "type": "string", "minLength": 1, "maxLength": 200, "description": "What it is called.",
        "x-kith-label": {"zh": "名称", "en": "Name"}, "x-kith-searchable": True,
    }  # fmt: skip
    assert plant["properties"]["id"]["readOnly"]
    created = plant["properties"]["createTime"]
    assert (created["x-kith-migrate"], "readOnly" in created) == ("garden.plant.migrate", False)
    assert plant["properties"]["bedId"]["x-kith-reference"] == "garden.bed"
    assert plant["properties"]["state"]["x-kith-labels"] == {"GROWING": {"zh": "生长中", "en": "Growing"}}
    assert "GROWING: It grows." in plant["properties"]["state"]["description"]
    water = api["paths"]["/v1/plants/{id}:water"]["post"]
    assert (water["operationId"], water["summary"]) == ("WaterPlant", "Waters a plant that grows")
    assert (water["x-kith-permission"], water["x-kith-label"]["zh"]) == ("garden.plant.water", "浇水")
    assert {one["name"] for one in water["parameters"]} == {"id", "If-Match", "Idempotency-Key"}
    litres = water["requestBody"]["content"]["application/json"]["schema"]["properties"]["litres"]
    assert (litres["minimum"], litres["maximum"]) == (1, 100)
    assert {str(status) for status in STATUSES} - {"405"} <= set(water["responses"])
    batch = api["paths"]["/v1/plants:batchGet"]["get"]["parameters"][0]["schema"]
    assert (batch["items"], batch["maxItems"]) == ({"type": "string", "format": "uuid"}, 200)
    assert api["x-kith-nouns"]["garden.plant"]["plural"] == "plants"
    assert api["x-kith-reasons"]["garden.kith"]["ASLEEP"] == {"zh": "植物正在休眠", "en": "The plant is asleep"}


def test_two_things_of_one_name_are_refused_at_start_up(contract: Contract) -> None:
    routes = Routes(contract.methods())
    twice = next(route for route in routes.all if route.rpc.name == "ListPlants")
    routes.all.append(type(twice)("GET", "/v1/others", "", twice.rpc, ()))
    with pytest.raises(TypeError, match="both the operation ListPlants"):
        document(contract, routes, nouns_of(contract), Titles(contract), "kith")


def test_the_suites_own_document_is_valid() -> None:
    contract = Contract.read(REAL)
    validate(document(contract, Routes(contract.methods()), nouns_of(contract), Titles(contract), "kith"))


def test_what_answers_beside_the_rpcs_is_the_list_in_the_repository(gateway: Gateway) -> None:
    """S04: an endpoint is in rooms.txt, with why it is public where it is."""
    found = [
        f"{method} {room.path} {'public: ' + room.public if room.public else 'signed in'}"
        for room in gateway.rooms.all()
        for method in room.doors
    ]
    found += [f"FILE {name}" for name in gateway.rooms.files.names]
    assert "\n".join(sorted(found)) == ROOMS.read_text().strip()


async def test_rooms_that_are_not_public_are_closed_to_strangers(gateway: Gateway, browser: httpx.AsyncClient) -> None:
    """S04"""
    for room in gateway.rooms.all():
        for method in room.doors:
            path = room.path.replace("{id}", "01920000-0000-7000-8000-000000000001").replace("{path:path}", "")
            reply = await browser.request(method, path, params={"query": "a"})
            assert (reply.status_code == 401) == (not room.public or room.path == "none"), (method, path, reply.text)


async def test_pages_work_offline_and_under_a_strict_policy(browser: httpx.AsyncClient, gateway: Gateway) -> None:
    """S20: nothing from elsewhere, nothing inline."""
    for path in gateway.rooms.files.names:
        page = await browser.get(path)
        assert page.status_code == 200, path
        policy = page.headers["content-security-policy"]
        assert "unsafe" not in policy
        assert "script-src 'self'" in policy
        assert "://" not in page.text.replace("http://www.w3.org", "")
        if path.endswith(".html") or path in ("/", "/docs"):
            assert "<style" not in page.text
            assert "style=" not in page.text
            assert 'onclick="' not in page.text
            assert page.text.count("<script") == page.text.count('<script type="module" src="/docs/')
        known = await browser.get(path, headers={"if-none-match": page.headers["etag"]})
        assert known.status_code == 304


async def test_the_web_client_is_served_where_it_is_built(built: object, tmp_path: Path) -> None:
    from tests.gateway.conftest import client_of

    dist = tmp_path / "dist"
    (dist / "assets").mkdir(parents=True)
    (dist / "index.html").write_text("<title>the client</title>")
    (dist / "assets" / "app-1a2b.js").write_text("1")
    (dist / "secret.pem").write_text("not for anybody")
    (tmp_path / "outside.txt").write_text("outside")
    async with client_of(built(), {}) as browser:  # type: ignore[operator]  # the fixture's function
        assert "the client" in (await browser.get("/")).text
        assert "the client" in (await browser.get("/contacts/7")).text  # the client routes its own pages
        assert "immutable" in (await browser.get("/assets/app-1a2b.js")).headers["cache-control"]
        for path in ("/secret.pem", "/..%2foutside.txt", "/%2e%2e/outside.txt", "/assets/none.js", "/v1/nothing"):
            assert (await browser.get(path)).status_code == 404, path
