"""What a PATCH changes: the keys that are there, and nothing that only the server sets."""

from typing import Any

import httpx
import pytest
from google.protobuf import json_format

from tests.gateway.backend import Services

URL = "/v1/plants/7"


@pytest.mark.parametrize(
    ("body", "mask", "plant"),
    [
        ({"height": 3}, ["height"], {"id": "7", "height": 3}),
        ({"height": None, "displayName": ""}, ["height", "display_name"], {"id": "7"}),
        ({"state": "ASLEEP", "height": 3}, ["height"], {"id": "7", "height": 3}),
        ({"state": "ASLEEP", "createTime": "2027-01-01T00:00:00Z"}, [], {"id": "7"}),
        ({"id": "7", "etag": '"2"', "height": 3}, ["height"], {"id": "7", "etag": '"2"', "height": 3}),
        ({}, [], {"id": "7"}),
        ({"price": {"units": "3"}}, ["price"], {"id": "7", "price": {"units": "3"}}),
        ({"tags": []}, ["tags"], {"id": "7"}),
        ({"labels": {"a": "b"}}, ["labels"], {"id": "7", "labels": {"a": "b"}}),
        (
            {"customFields": {"tier": "A", "Region_2": None}},
            ["custom_fields.tier", "custom_fields.Region_2"],
            {"id": "7", "customFields": {"tier": "A"}},
        ),
        ({"customFields": None}, ["custom_fields"], {"id": "7"}),
        ({"customFields": {"a.b": 1.0}}, ["custom_fields"], {"id": "7", "customFields": {"a.b": 1.0}}),
    ],
)
async def test_keys_that_are_there_are_the_mask(
    rep: httpx.AsyncClient, services: Services, body: dict[str, Any], mask: list[str], plant: dict[str, Any]
) -> None:
    reply = await rep.patch(URL, json=body)
    assert reply.status_code == 200, reply.text
    heard = services.last("UpdatePlant").request
    assert heard.HasField("update_mask")  # an absent one would mean "the populated fields"
    assert list(heard.update_mask.paths) == mask
    assert json_format.MessageToDict(heard.plant) == plant


@pytest.mark.parametrize(
    ("given", "mask"),
    [
        ("height", ["height"]),
        ("displayName,price.currencyCode", ["display_name", "price.currency_code"]),
        ("custom_fields.tierLevel,customFields.aB", ["custom_fields.tierLevel", "custom_fields.aB"]),
        ("state", ["state"]),
        ("", []),
    ],
)
async def test_a_named_mask_is_passed_on_for_the_service_to_judge(
    rep: httpx.AsyncClient, services: Services, given: str, mask: list[str]
) -> None:
    await rep.patch(URL, json={"state": "ASLEEP", "height": 1}, params={"updateMask": given})
    heard = services.last("UpdatePlant").request
    assert list(heard.update_mask.paths) == mask
    assert heard.HasField("update_mask")
    assert heard.plant.height == 1


async def test_another_id_than_the_paths_is_refused(rep: httpx.AsyncClient, services: Services) -> None:
    reply = await rep.patch(URL, json={"id": "8", "height": 1})
    assert (reply.status_code, reply.json()["reason"]) == (400, "CONTRADICTION")
    assert services.of("UpdatePlant") == []


async def test_if_match_is_the_etag_of_the_record_and_not_in_the_mask(
    rep: httpx.AsyncClient, services: Services
) -> None:
    await rep.patch(URL, json={"height": 1}, headers={"if-match": '"5"'})
    heard = services.last("UpdatePlant").request
    assert (heard.plant.etag, list(heard.update_mask.paths)) == ('"5"', ["height"])
