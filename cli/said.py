"""How commands say things: tables for people, one JSON document for programs."""

import sys
from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from rich.console import Console
from rich.table import Table

OUT = Console(highlight=False, soft_wrap=True)
CALM, BAD = "green", "red"


def say(line: str) -> None:
    OUT.print(line, markup=False)


def as_json(content: Any) -> None:
    sys.stdout.write(orjson.dumps(content, option=orjson.OPT_INDENT_2).decode() + "\n")


def table(rows: Sequence[Mapping[str, Any]]) -> None:
    """One line a row, a column a key, in the order of the first row."""
    made = Table(box=None, pad_edge=False, header_style="bold")
    for name in rows[0] if rows else ():
        made.add_column(name, overflow="fold")
    for row in rows:
        made.add_row(*("" if value is None else str(value) for value in row.values()))
    OUT.print(made, markup=False)
