"""The guides in docs as the tests see them: what is to be run, what is only shown, and what is named in passing."""

import asyncio
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import typer
from typer.core import TyperGroup

from cli.main import app
from tests.security.surface import openapi_doors, rooms

DOCS = Path(__file__).parents[2] / "docs"
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`([^`\n]+)`")
COMMAND = re.compile(r"(?:^|\s)kith ([a-z][^\n|;&)#]*)", re.MULTILINE)
PATH = re.compile(r"^(?:(GET|POST|PATCH|PUT|DELETE) )?(/v1/[\w/{}:]+)")


SIGNED = {"kith audit head"}  # the first line of what a seal is made over, and no command


@dataclass(frozen=True)
class Page:
    path: Path

    @cached_property
    def text(self) -> str:
        return self.path.read_text(encoding="utf-8")

    @property
    def name(self) -> str:
        return str(self.path.relative_to(DOCS))

    @property
    def in_chinese(self) -> "Page":
        return Page(self.path.with_suffix(".zh.md"))

    @property
    def commands(self) -> list[str]:
        """The blocks that are run, in order, without what they say to their reader."""
        return [_bare(body) for mark, body in BLOCK.findall(self.text) if mark == "sh"]

    @property
    def shown(self) -> list[str]:
        """The blocks that are not."""
        return [_bare(body) for mark, body in BLOCK.findall(self.text) if mark != "sh"]

    @property
    def prose(self) -> str:
        """The page without its blocks."""
        return BLOCK.sub("", self.text)

    @property
    def named(self) -> set[str]:
        """What stands `so` between words."""
        return set(INLINE.findall(self.prose))

    def kith(self) -> Iterator[list[str]]:
        """Every `kith …`, anywhere on the page, as words."""
        for code in [*self.named, *self.commands, *self.shown]:
            yield from (found.split() for found in COMMAND.findall(code) if code not in SIGNED)

    def routes(self) -> Iterator[tuple[str, str]]:
        """Every path of the API that is named in passing; its HTTP method, or "" where none is said."""
        for code in self.named:
            yield from PATH.findall(code)


def pages() -> list[Page]:
    """The guides that are there in both languages, in English."""
    rooms = "administrator", "operator", "integrator"
    found = [path for room in rooms for path in sorted((DOCS / room).glob("*.md"))]
    return [Page(path) for path in found if not path.name.endswith(".zh.md") and path.name not in LISTS]


LISTS = {"configuration.md", "surface.md"}  # tables written from the code, and held equal to it by tests of their own


def is_a_command(words: Sequence[str]) -> bool:
    """Whether `kith` has it, and the options that come after it. What is written in capitals stands for something."""
    command: Any = typer.main.get_command(app)
    rest = list(words)
    while isinstance(command, TyperGroup):
        if not rest or rest[0] not in command.commands:
            return False
        command = command.commands[rest.pop(0)]
    known = {option for parameter in command.params for option in parameter.opts}
    return all(word.split("=")[0] in known for word in rest if word.startswith("-"))


def is_a_route(method: str, path: str) -> bool:
    """Whether the gateway has a door there; braces match any parameter."""
    asked = re.sub(r"\{\w+\}", "{}", path)
    return any(door == asked and method in ("", verb) for verb, door in _doors())


@cache
def _doors() -> set[tuple[str, str]]:
    beside = {(verb, room.path) for room in asyncio.run(rooms()) for verb in room.doors}
    return {(verb, re.sub(r"\{[\w.]+\}", "{}", path)) for verb, path in openapi_doors() | beside}


def _bare(body: str) -> str:
    """Without comments, and with one blank before what stood before them."""
    return "\n".join(re.sub(r"(^|\s+)# .*$|\s+$", "", line) for line in body.splitlines()).strip("\n")
