"""The AsyncAPI document, judged by AsyncAPI's own parser, and held to what is published (quality 23)."""

import json
import os
import re
import subprocess
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from chassis.config import PARTITIONS, SERVICES
from chassis.events.topics import topics_of
from chassis.resource.references import RESOURCES
from gateway.asyncapi.document import document
from gateway.asyncapi.headers import HEADERS
from gateway.contract import Contract
from gateway.nouns import nouns_of
from tests.contract.golden import ours
from tests.contract.node import installed

HERE, ROOT = Path(__file__).parent / "asyncapi", Path(__file__).parents[2]


@pytest.fixture(scope="module")
def contract() -> Contract:
    return ours()


@pytest.fixture(scope="module")
def made(contract: Contract) -> dict[str, Any]:
    return document(contract, nouns_of(contract))


@pytest.fixture(scope="module")
def modules() -> Path:
    return installed(HERE / "package.json")


def judged(modules: Path, *documents: dict[str, Any]) -> list[dict[str, list[str]]]:
    ran = subprocess.run(
        ["node", str(HERE / "check.cjs")],
        input=json.dumps([json.dumps(one) for one in documents]),
        env={"PATH": os.environ["PATH"], "NODE_PATH": str(modules)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert ran.returncode == 0, ran.stderr
    found: list[dict[str, list[str]]] = json.loads(ran.stdout)
    return found


def test_the_parser_objects_to_nothing_and_finds_every_topic_and_type(modules: Path, made: dict[str, Any]) -> None:
    (found,) = judged(modules, made)
    assert found["objections"] == []
    services = [import_module(f"{name}.app").SERVICE for name in SERVICES]
    topics = {topic.name: topic for topic in topics_of(services) if not topic.name.endswith(".dlt")}
    assert set(found["channels"]) == set(found["sent"]) == topics.keys()
    declared = {f"kith.{name}.{verb}.v1" for name, one in RESOURCES.items() for verb in one.noun.verbs}
    assert set(found["messages"]) == {one for one in declared if one.split(".")[1] in SERVICES}
    for name, channel in made["channels"].items():
        told = channel["bindings"]["kafka"]
        assert (told["topic"], told["partitions"]) == (name, PARTITIONS)
        assert str(told["topicConfiguration"]["retention.ms"]) == topics[name].settings["retention.ms"]
        assert set(channel["messages"]) == {m for m in found["messages"] if m.split(".")[1] == name.split(".")[1]}


WRONG = {
    ("channels", "kith.sales.v1", "messages", "kith.sales.pipeline.created.v1", "$ref"): "#/components/messages/none",
    ("operations", "publishSales", "action"): "shout",
    ("components", "schemas", "Pipeline", "type"): "thing",
    ("channels", "kith.sales.v1", "bindings", "kafka", "partitions"): "many",
}


def test_the_parser_sees_what_is_wrong(modules: Path, contract: Contract) -> None:
    one, documents = {"sales.pipeline": nouns_of(contract)["sales.pipeline"]}, list[dict[str, Any]]()
    for path, wrong in WRONG.items():
        documents.append(document(contract, one))
        at = documents[-1]
        for name in path[:-1]:
            at = at[name]
        assert path[-1] in at
        at[path[-1]] = wrong
    right, *all_wrong = judged(modules, document(contract, one), *documents)
    assert right["objections"] == []
    for path, found in zip(WRONG, all_wrong, strict=True):
        assert found["objections"], path


def test_every_type_says_what_it_carries_and_in_both_languages_of_what(
    contract: Contract, made: dict[str, Any]
) -> None:
    won = made["components"]["messages"]["kith.sales.opportunity.won.v1"]
    assert won["x-kith-message"] == "kith.sales.v1.OpportunityEvent"
    assert won["x-kith-label"] == {"zh": "商机", "en": "Opportunity"}
    assert won["summary"] == "Published by MoveStage, WinOpportunity."
    for one in made["components"]["messages"].values():
        assert contract.message(one["x-kith-message"])
        assert one["payload"]["$ref"].removeprefix("#/components/schemas/") in made["components"]["schemas"]
        assert one["x-kith-label"].keys() == {"zh", "en"}
    assert "carry the events of all tenants" in made["info"]["description"]


def test_the_page_names_the_headers_of_the_document() -> None:
    page = (ROOT / "docs" / "integrator" / "events.md").read_text(encoding="utf-8")
    table = page.partition("## Headers")[2].partition("\n\n")[2].partition("\n\n")[0]
    assert re.findall(r"^\| `([\w-]+)` \|", table, re.MULTILINE) == list(HEADERS["properties"])
