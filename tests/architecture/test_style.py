"""How files look, as far as a program can tell."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
OURS = ("chassis", "services", "gateway", "cli", "tests", "bench", "protos")
LONGEST, LONGEST_TEST = 300, 400
UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
NAMELESS = {"utils.py", "util.py", "helpers.py", "helper.py", "common.py", "base.py", "manager.py", "misc.py"}


def files() -> Iterator[Path]:
    for folder in OURS:
        for file in (ROOT / folder).rglob("*.py"):
            if not {"gen", "build", "__pycache__", "node_modules"} & set(file.relative_to(ROOT).parts):
                yield file


def shown(file: Path) -> str:
    return str(file.relative_to(ROOT))


def purpose(source: str) -> str:
    """The first paragraph of the module's docstring."""
    return (ast.get_docstring(ast.parse(source)) or "").partition("\n\n")[0].strip()


def test_every_file_says_in_one_sentence_what_it_is_for() -> None:
    silent = [shown(file) for file in files() if file.name != "__init__.py" and not purpose(file.read_text("utf-8"))]
    assert silent == []


def test_no_file_is_longer_than_one_reads_at_once() -> None:
    def allowed(file: Path) -> int:
        return LONGEST_TEST if file.relative_to(ROOT).parts[0] == "tests" else LONGEST

    lengths = {file: len(file.read_text("utf-8").splitlines()) for file in files()}
    long = {shown(file): lines for file, lines in lengths.items() if lines > allowed(file)}
    assert long == {}


def test_packages_hold_no_code() -> None:
    def code(file: Path) -> bool:
        body = ast.parse(file.read_text("utf-8")).body
        return any(not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)) for node in body)

    assert [shown(file) for file in files() if file.name == "__init__.py" and code(file)] == []


def test_nothing_is_left_for_later() -> None:
    here = Path(__file__)
    assert [shown(file) for file in files() if file != here and UNFINISHED.search(file.read_text("utf-8"))] == []


def test_files_are_named_after_what_they_hold() -> None:
    assert [shown(file) for file in files() if file.name in NAMELESS] == []


def rules() -> list[Path]:
    return sorted((ROOT / "services").rglob("rules.py"))


def impure(source: str) -> list[str]:
    """What pure functions may not do: wait, or look at a clock."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, (ast.AsyncFunctionDef, ast.Await, ast.AsyncFor, ast.AsyncWith)):
            found.append(f"line {node.lineno}: waits")
        if (
            isinstance(node, ast.Attribute)
            and node.attr in ("now", "utcnow", "today", "time_ns")
            and isinstance(node.value, ast.Name)
            and node.value.id in ("datetime", "date", "time")
        ):
            found.append(f"line {node.lineno}: looks at a clock")
    return found


@pytest.mark.parametrize("file", rules(), ids=shown)
def test_rules_are_plain_functions(file: Path) -> None:
    assert impure(file.read_text("utf-8")) == []


def test_what_is_impure_is_seen() -> None:
    assert len(impure("async def f():\n    await g()\n    return datetime.now()")) == 3


SQL_WORDS = re.compile(
    r"\b(select\s.+\sfrom|insert\s+into|update\s+\w+\s+set|delete\s+from)\b", re.IGNORECASE | re.DOTALL
)


def formatted_sql(source: str) -> list[int]:
    """Lines where SQL is put together from text that is not fixed."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.JoinedStr):
            text = "".join(str(part.value) for part in node.values if isinstance(part, ast.Constant))
            if SQL_WORDS.search(text):
                found.append(node.lineno)
    return found


def test_sql_is_built_not_formatted() -> None:
    allowed = {"cli/databases.py", "chassis/database/walls.py", "chassis/database/migrate.py"}  # DDL of our own names
    served = [file for file in files() if file.relative_to(ROOT).parts[0] not in ("tests", "bench")]
    found = {shown(file): lines for file in served if (lines := formatted_sql(file.read_text("utf-8")))}
    assert {name: lines for name, lines in found.items() if name not in allowed} == {}


def test_formatted_sql_is_seen() -> None:
    assert formatted_sql('f"select * from {table}"') == [1]
    assert formatted_sql('f"{table} is gone"') == []
