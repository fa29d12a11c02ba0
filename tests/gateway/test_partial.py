"""A client gets as much of a reply as it asks for (16), and may be made to say what it changes from (13)."""

import uuid
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from google.protobuf.descriptor_pb2 import FileDescriptorSet

from gateway.contract import Contract
from gateway.rpc.routes import Routes
from tests.gateway.backend import Services
from tests.gateway.conftest import Build, client_of

ID = str(uuid.UUID(int=7))
PLANT = {
    "id": ID,
    "etag": '"3"',
    "display_name": "椿",
    "price": {"currency_code": "EUR", "units": 5},
    "emails": [{"address": "a@example.com", "label": "work"}, {"address": "b@example.com"}],
    "labels": {"colour": "red", "a.b": "c"},
    "custom_fields": {"tier": "gold", "size": 3},
    "create_time": {"seconds": 1_700_000_000},
}
ASKED: dict[str, dict[str, Any]] = {
    "displayName": {"displayName": "椿"},
    "display_name,id": {"displayName": "椿", "id": ID},
    "price": {"price": {"currencyCode": "EUR", "units": "5", "nanos": 0}},
    "price.currencyCode, price.units": {"price": {"currencyCode": "EUR", "units": "5"}},
    "price.units,price": {"price": {"currencyCode": "EUR", "units": "5", "nanos": 0}},
    "emails.address": {"emails": [{"address": "a@example.com"}, {"address": "b@example.com"}]},
    "labels.colour,customFields.tier": {"labels": {"colour": "red"}, "customFields": {"tier": "gold"}},
    "labels.a.b": {"labels": {"a.b": "c"}},
    "custom_fields.nobody_has": {"customFields": {}},
    "createTime": {"createTime": "2023-11-14T22:13:20Z"},
    "plantDate": {},
}


@pytest.fixture(autouse=True)
def garden(services: Services) -> None:
    services.answers["GetPlant"] = lambda _: services.message("kith.garden.v1.Plant", **PLANT)
    services.answers["ListPlants"] = lambda _: services.message(
        "kith.garden.v1.ListPlantsResponse", plants=[PLANT, {"id": "2"}], next_page_token="more"
    )


@pytest.mark.parametrize("asked", ASKED)
async def test_a_record_is_cut_to_what_is_asked_for(rep: httpx.AsyncClient, asked: str) -> None:
    reply = await rep.get(f"/v1/plants/{ID}", params={"fields": asked})
    assert reply.json() == ASKED[asked]
    assert reply.headers["etag"] == '"3"'  # what a change needs is there all the same


async def test_of_a_list_each_record_is_cut_and_the_rest_of_the_question_holds(
    rep: httpx.AsyncClient, services: Services
) -> None:
    asked: list[tuple[str, Any]] = [
        ("fields", "id"),
        ("filter", 'display_name = "a&b=椿"'),
        ("fields", "displayName"),
        ("pageSize", "2"),
    ]
    found = (await rep.get("/v1/plants", params=asked)).json()
    assert found["plants"] == [{"id": ID, "displayName": "椿"}, {"id": "2", "displayName": ""}]
    assert found["nextPageToken"] == "more"
    heard = services.last("ListPlants").request
    assert (heard.filter, heard.page_size) == ('display_name = "a&b=椿"', 2)


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ("secret", 1),
        ("displayName,colour,price.cents", 2),
        ("", 1),
        ("createTime.seconds", 1),
        ("id.x", 1),
        ("a..b", 1),
    ],
)
async def test_what_is_no_field_is_named(rep: httpx.AsyncClient, services: Services, fields: str, wrong: int) -> None:
    for path in (f"/v1/plants/{ID}", "/v1/plants"):
        reply = await rep.get(path, params={"fields": fields})
        problem = reply.json()
        assert reply.status_code == 400
        assert [(one["field"], one["reason"]) for one in problem["errors"]] == [("fields", "UNKNOWN_FIELD")] * wrong
    assert not [one for one in services.heard if one.rpc in ("GetPlant", "ListPlants")]


async def test_a_state_that_is_known_is_not_sent_again_in_part(rep: httpx.AsyncClient) -> None:
    known = await rep.get(f"/v1/plants/{ID}", params={"fields": "id"}, headers={"if-none-match": '"3"'})
    assert (known.status_code, known.content) == (304, b"")


def test_an_rpc_with_a_parameter_of_that_name_is_refused_at_start_up(contract: Contract) -> None:
    files = FileDescriptorSet.FromString(contract.serialized)
    (asked,) = [one for file in files.file for one in file.message_type if one.name == "ListPlantsRequest"]
    next(field for field in asked.field if field.name == "filter").name = "fields"
    with pytest.raises(TypeError, match="ListPlants: `fields` says"):
        Routes(Contract(files.SerializeToString()).methods())


@pytest.fixture
async def strict(built: Build) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(built(demand_if_match=True), {"authorization": "Bearer rep"}) as made:
        yield made


CHANGES: list[tuple[str, str, dict[str, Any] | None]] = [
    ("PATCH", f"/v1/plants/{ID}", {"displayName": "a"}),
    ("DELETE", f"/v1/plants/{ID}", None),
    ("POST", f"/v1/plants/{ID}:water", {"litres": 2}),
]


@pytest.mark.parametrize(("method", "path", "body"), CHANGES)
async def test_where_it_is_demanded_a_change_says_what_it_is_made_from(
    strict: httpx.AsyncClient, services: Services, method: str, path: str, body: dict[str, Any] | None
) -> None:
    refused = await strict.request(method, path, json=body)
    assert (refused.status_code, refused.json()["reason"]) == (428, "PRECONDITION_REQUIRED")
    assert {one.rpc for one in services.heard} <= {"WhoAmI"}
    for etag in ('"3"', "*"):
        assert (await strict.request(method, path, json=body, headers={"if-match": etag})).status_code == 200
    inside: dict[str, Any] = {"params": {"etag": '"3"'}} if body is None else {"json": body | {"etag": '"3"'}}
    assert (await strict.request(method, path, **inside)).status_code == 200


async def test_what_changes_no_record_needs_no_etag_even_there(strict: httpx.AsyncClient) -> None:
    assert (await strict.post("/v1/plants", json={"displayName": "a"})).status_code == 200
    assert (await strict.get(f"/v1/plants/{ID}")).status_code == 200


async def test_elsewhere_nobody_is_made_to(rep: httpx.AsyncClient) -> None:
    assert (await rep.patch(f"/v1/plants/{ID}", json={"displayName": "a"})).status_code == 200
