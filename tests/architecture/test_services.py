"""The one idea, held: a noun is declared once, a verb is one file, and every file says what it is for."""

import ast
import inspect
import re
from pathlib import Path

import pytest

from chassis.jobs.saga import Saga
from chassis.resource.noun import snake_case
from chassis.service import Service
from contacts.app import SERVICE as CONTACTS
from identity.app import SERVICE as IDENTITY
from marketing.app import SERVICE as MARKETING
from sales.app import SERVICE as SALES
from service_desk.app import SERVICE as SERVICE_DESK

ROOT = Path(__file__).parents[2]
SERVICES = [IDENTITY, CONTACTS, SALES, SERVICE_DESK, MARKETING]
ROOMS = ("chassis", "services", "gateway", "cli")
LONGEST_FILE, LONGEST_NOUN = 300, 60
VAGUE = {"utils", "util", "helpers", "helper", "common", "base", "misc", "manager", "service"}


def modules() -> list[Path]:
    return [file for room in ROOMS for file in (ROOT / room).rglob("*.py") if "migrations" not in file.parts]


@pytest.mark.parametrize(
    "file", [file for file in modules() if file.name != "__init__.py"], ids=lambda file: str(file.relative_to(ROOT))
)
def test_every_file_says_in_one_sentence_what_it_is_for(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    purpose = (ast.get_docstring(ast.parse(text)) or "").split("\n\n")[0].strip()
    assert purpose, "has no purpose"
    assert len(purpose) <= 240, "says too much at once"
    assert text.count("\n") <= LONGEST_FILE, "is two rooms"
    assert file.stem not in VAGUE or file.relative_to(ROOT) == Path("chassis/service.py"), "has no purpose in its name"


@pytest.mark.parametrize(
    "file", [file for file in modules() if file.name == "__init__.py"], ids=lambda file: str(file.relative_to(ROOT))
)
def test_no_code_hides_in_an_init(file: Path) -> None:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    assert all(isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) for node in tree.body)


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
def test_a_noun_is_declared_in_its_own_room_in_a_few_lines(service: Service) -> None:
    for resource in service.nouns:
        room = ROOT / "services" / service.name / resource.noun.name / f"{resource.noun.name}.py"
        if resource.noun.options.journal and not room.exists():
            continue  # a journal stands beside the noun it is about
        assert room.exists(), f"{resource.noun.permission} has no {room.relative_to(ROOT)}"
        assert room.read_text(encoding="utf-8").count("\n") <= LONGEST_NOUN, room


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
def test_a_verb_is_one_file_named_as_its_permission(service: Service) -> None:
    for method in service.methods:
        if method.function not in service.verbs:
            continue
        verb = method.function
        if isinstance(verb, Saga):
            file = next(ROOT.glob(f"services/{service.name}/*/{_file_of(method.access.permission)}.py"))
            assert f"{verb.__name__} = Saga(" in file.read_text(encoding="utf-8")
            continue
        assert inspect.iscoroutinefunction(verb) or inspect.isasyncgenfunction(verb), verb
        file = Path(inspect.getfile(verb))
        assert file.is_relative_to(ROOT / "services" / service.name), f"{verb.__name__} lives in {file}"
        public = [
            node.name
            for node in ast.parse(file.read_text(encoding="utf-8")).body
            if isinstance(node, ast.AsyncFunctionDef) and snake_case(method.descriptor.name) == node.name
        ]
        assert public == [verb.__name__]
        standard = re.fullmatch(r"\w+\.(read|create|update|delete)", method.access.permission.partition(".")[2])
        if method.access.permission and not standard:
            assert file.stem == _file_of(method.access.permission), f"{verb.__name__}: {method.access.permission}"


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
def test_rules_are_pure(service: Service) -> None:
    for file in (ROOT / "services" / service.name).rglob("rules.py"):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        assert not [node for node in ast.walk(tree) if isinstance(node, (ast.AsyncFunctionDef, ast.Await))], file
        imported = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        imported |= {name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names}
        impure = {
            name
            for name in imported
            if name.startswith(("chassis.database", "chassis.call", "chassis.clock", "sqlalchemy", "random", "time"))
        }
        assert not impure, f"{file}: {impure}"


def _file_of(permission: str) -> str:
    return permission.rpartition(".")[2]


def test_the_checklists_show_code_as_it_is() -> None:
    shown = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").split("```python\n")[1:]
    assert len(shown) == 3
    code = "".join(file.read_text(encoding="utf-8") for file in (ROOT / "services" / "sales").rglob("*.py"))
    for example in shown:
        assert example.partition("```")[0].strip() in code
