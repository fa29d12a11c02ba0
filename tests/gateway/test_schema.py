"""What GET /v1/schema tells to whom: no field, act or noun that is not for them (S05)."""

from typing import Any

import httpx
import pytest
from google.protobuf.json_format import MessageToDict

from gateway.contract import Contract
from gateway.nouns import nouns_of
from gateway.schema.nouns import schemas_of
from gateway.schema.rooms import schema_for
from tests.gateway.backend import TENANT, USER, Services

TIER = {
    "object": "garden.plant",
    "code": "tier",
    "type": "FIELD_TYPE_PICK",
    "label_zh": "等级",
    "required": True,
    "options": [{"code": "gold", "label_en": "Gold"}, {"code": "old", "retired": True}],
    "default_value": '"gold"',
}
TOTAL = {
    "object": "garden.plant",
    "code": "total",
    "type": "FIELD_TYPE_FORMULA",
    "formula": "height * 2",
    "formula_type": "FIELD_TYPE_NUMBER",
}


def grants(**reach: str) -> list[dict[str, str]]:
    return [{"permission": f"garden.plant.{verb}", "reach": far} for verb, far in reach.items()]


def schema(contract: Contract, services: Services, **principal: Any) -> dict[str, dict[str, Any]]:
    who = services.identity("WhoAmIResponse", principal=principal, custom_fields=[TIER, TOTAL])
    told = MessageToDict(who, always_print_fields_with_no_presence=True)
    nouns = schema_for(schemas_of(contract, nouns_of(contract)), told)["nouns"]
    return {noun["name"]: noun for noun in nouns}


def fields(noun: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {one["name"]: one for one in noun["fields"]}


async def test_a_noun_is_told_with_its_fields_labels_and_what_the_caller_may_do(
    contract: Contract, services: Services
) -> None:
    plant = schema(contract, services, grants=grants(read="TEAM", update="OWN"))["garden.plant"]
    assert (plant["name"], plant["plural"], plant["label"]) == ("garden.plant", "plants", {"zh": "植物", "en": "Plant"})
    acts = {one["name"]: one["reach"] for one in plant["acts"]}
    assert (acts["GetPlant"], acts["UpdatePlant"]) == ("TEAM", "OWN")
    assert "CreatePlant" not in acts
    told = fields(plant)
    assert told["displayName"] == {
        "name": "displayName",
        "type": "text",
        "label": {"zh": "名称", "en": "Name"},
        "repeated": False,
        "required": True,
        "outputOnly": False,
        "immutable": False,
        "sortable": False,
        "searchable": True,
        "unique": False,
        "right": "WRITE",
    }
    kinds = {name: told[name]["type"] for name in ("id", "price", "plantDate", "state", "height", "bedId", "emails")}
    assert [*kinds.values()] == ["reference", "money", "date", "choice", "integer", "reference", "email"]
    assert told["state"]["options"][0] == {"value": "GROWING", "label": {"zh": "生长中", "en": "Growing"}}
    assert told["state"]["right"] == "READ"


async def test_custom_fields_stand_beside_the_noun_s_own(contract: Contract, services: Services) -> None:
    plant = schema(contract, services, grants=grants(read="TENANT"))["garden.plant"]
    tier, total = fields(plant)["customFields.tier"], fields(plant)["customFields.total"]
    assert (tier["type"], tier["label"], tier["required"], tier["default"], tier["right"]) == (
        "pick",
        {"zh": "等级", "en": "等级"},
        True,
        "gold",
        "WRITE",
    )
    assert [(one["value"], one["label"]["zh"], one["retired"]) for one in tier["options"]] == [
        ("gold", "Gold", False),
        ("old", "old", True),
    ]
    assert (total["type"], total["result"], total["formula"], total["right"]) == (
        "formula",
        "number",
        "height * 2",
        "READ",
    )


@pytest.mark.parametrize("hidden", ["price", "custom_fields.tier", "custom_fields"])
async def test_a_hidden_field_is_not_in_it(contract: Contract, services: Services, hidden: str) -> None:
    rights = [{"field": f"garden.plant.{hidden}", "right": "NONE"}]
    plant = schema(contract, services, grants=grants(read="TENANT"), field_rights=rights)["garden.plant"]
    name = hidden.replace("custom_fields", "customFields")
    assert not [told for told in fields(plant) if told == name or told.startswith(f"{name}.")]


async def test_of_a_closed_noun_only_named_fields_are_in_it(contract: Contract, services: Services) -> None:
    """And what every record has."""

    def named(**rights: str) -> set[str]:
        told = [{"field": f"garden.plant.{name}", "right": right} for name, right in rights.items()]
        closed = {"field_rights": told, "closed_nouns": ["garden.plant"]}
        plant = schema(contract, services, grants=grants(read="TENANT"), **closed)["garden.plant"]
        return {*fields(plant)} - {"id", "etag", "createTime"}

    tier = {"custom_fields.tier": "READ"}
    assert named(price="WRITE", **tier) == {"price"}
    assert named(price="WRITE", custom_fields="READ", **tier) == {"price", "customFields", "customFields.tier"}


async def test_a_custom_field_is_no_more_the_callers_than_all_of_them_are(
    contract: Contract, services: Services
) -> None:
    rights = [{"field": "garden.plant.custom_fields", "right": "READ"}]
    rights += [{"field": "garden.plant.custom_fields.tier", "right": "WRITE"}]
    plant = schema(contract, services, grants=grants(read="TENANT"), field_rights=rights)["garden.plant"]
    assert fields(plant)["customFields.tier"]["right"] == "READ"


async def test_an_act_that_is_denied_is_not_in_it(contract: Contract, services: Services) -> None:
    """A deny list wins over what is granted."""
    denied = [{"permission": "*.*.update"}]
    plant = schema(contract, services, grants=grants(read="TENANT", update="OWN"), denied=denied)["garden.plant"]
    acts = {one["name"] for one in plant["acts"]}
    assert "GetPlant" in acts
    assert "UpdatePlant" not in acts


async def test_of_a_masked_field_nothing_can_be_asked(contract: Contract, services: Services) -> None:
    rights = [{"field": "garden.plant.display_name", "right": "MASKED"}]
    plant = schema(contract, services, grants=grants(read="TENANT"), field_rights=rights)["garden.plant"]
    told = fields(plant)["displayName"]
    assert (told["right"], told["searchable"], told["sortable"]) == ("MASKED", False, False)


async def test_who_may_do_nothing_with_a_noun_hears_nothing_of_it(contract: Contract, services: Services) -> None:
    assert not schema(contract, services)


async def test_it_is_for_who_is_signed_in(
    rep: httpx.AsyncClient, browser: httpx.AsyncClient, services: Services
) -> None:
    principal = {"tenant_id": TENANT, "user_id": USER, "grants": grants(read="OWN")}
    services.answers["WhoAmI"] = lambda _: services.identity("WhoAmIResponse", principal=principal)
    reply = await rep.get("/v1/schema")
    assert [noun["name"] for noun in reply.json()["nouns"]] == ["garden.plant"]
    assert (await browser.get("/v1/schema")).status_code == 401
