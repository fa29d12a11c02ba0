"""Every type of event is in the contract, and the contract names none that is never published (quality 23)."""

import ast
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from chassis.config import SERVICES
from chassis.resource.change import change_binds
from chassis.resource.references import RESOURCES
from chassis.resource.resource import Resource
from chassis.resource.verbs import ERASED, STANDARD

ROOT = Path(__file__).parents[2]
PUBLISHING = {"save": "updated", "create": "created", "delete": "deleted", "undelete": "undeleted"}


@pytest.mark.parametrize("service", SERVICES)
def test_what_the_code_publishes_is_in_the_contract(service: str) -> None:
    import_module(f"{service}.app")
    undeclared = [
        f"{file.relative_to(ROOT)}:{line}: {noun.title} `{verb}`"
        for file, line, resource, verb in _published(service)
        for noun in (resource.noun,)
        if not noun.options.journal and verb not in noun.verbs
    ]
    assert undeclared == [], "add option (kith.v1.verbs) to the noun's event message"


@pytest.mark.parametrize("service", SERVICES)
def test_what_is_in_the_contract_is_published_somewhere(service: str) -> None:
    import_module(f"{service}.app")
    words = {
        node.value
        for _, tree in _trees(service)
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    nouns = [resource.noun for name, resource in RESOURCES.items() if name.startswith(f"{service}.")]
    assert nouns
    declared = {verb for noun in nouns for verb in noun.verbs}
    assert declared - words - {*STANDARD.values(), ERASED} == set()  # the chassis erases


def test_a_verb_that_nobody_declared_is_not_written() -> None:
    import_module("sales.app")
    with pytest.raises(TypeError, match="LeadEvent says nothing of `frozen`"):
        change_binds(RESOURCES["sales.lead"].noun, None, {}, "frozen", b"")  # type: ignore[arg-type]  # refused before


def _published(service: str) -> Iterator[tuple[Path, int, Resource[Any], str]]:
    """Each place where a noun of this service is written, and the verb where it stands there as a word."""
    for file, tree in _trees(service):
        module = import_module(".".join(file.relative_to(ROOT / "services").with_suffix("").parts))
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
                continue
            name, does = node.func.value, node.func.attr
            resource = getattr(module, name.id, None) if isinstance(name, ast.Name) else None
            if does in PUBLISHING and isinstance(resource, Resource):
                said = [word.value for word in node.keywords if word.arg == "verb"]
                verb = said[0] if said else ast.Constant(PUBLISHING[does])
                if isinstance(verb, ast.Constant):
                    yield file, node.lineno, resource, str(verb.value)


def _trees(service: str) -> Iterator[tuple[Path, ast.Module]]:
    for file in sorted((ROOT / "services" / service).rglob("*.py")):
        if "migrations" not in file.parts and file.name != "__main__.py":
            yield file, ast.parse(file.read_text(encoding="utf-8"))
