"""Formulas of custom fields: a small language over the fields of one record, read into a tree; nothing of it is code.

    if(amount > 1000 and custom_fields.tier = "gold", round(amount * 0.1, 2), 0)

Numbers, "texts", true and false; fields by name; + - * / %, = != < <= > >=, and, or, not, parentheses; & puts texts
together; functions by name (`chassis.custom.functions`). A value that is empty makes what is worked out from it empty.
"""

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, TypeAlias

LONGEST, DEEPEST, MOST = 1000, 20, 200  # characters, levels and parts

# ("value", value) · ("field", path) · ("op", name, part, …) · ("call", function, part, …)
Tree: TypeAlias = tuple[Any, ...]

_TOKEN = re.compile(
    r'\s*(?:(?P<number>\d{1,28}(?:\.\d{1,9})?)|(?P<text>"(?:[^"\\]|\\["\\])*")'
    r"|(?P<name>[A-Za-z_][A-Za-z0-9_]*(?:\.[a-z][a-z0-9_]*)?)|(?P<op><=|>=|!=|[-+*/%=<>&(),]))"
)
# By how tightly they bind, loosest first.
_LEVELS = (("or",), ("and",), ("=", "!=", "<", "<=", ">", ">="), ("&",), ("+", "-"), ("*", "/", "%"))
_WORDS = {"and", "or", "not", "true", "false"}


class BadFormula(ValueError):
    """What is wrong with the text."""


def parse(text: str) -> Tree:
    """Raises BadFormula."""
    if len(text) > LONGEST:
        raise BadFormula(f"is longer than {LONGEST} characters")
    return _Parser(text).whole()


def inputs(tree: Tree) -> set[str]:
    """Paths of the fields that it reads."""
    return {part[1] for part in _parts(tree) if part[0] == "field"}


def order_of(trees: Mapping[str, Tree]) -> list[str]:
    """Codes of formulas, each behind those it reads. Raises BadFormula where they go in a circle."""
    ordered: list[str] = []
    open_: list[str] = []

    def visit(code: str) -> None:
        if code in ordered:
            return
        if code in open_:
            raise BadFormula(" reads ".join([*open_[open_.index(code) :], code]))
        open_.append(code)
        for path in sorted(inputs(trees[code])):
            if path.startswith("custom_fields.") and (other := path.partition(".")[2]) in trees:
                visit(other)
        ordered.append(open_.pop())

    for code in sorted(trees):
        visit(code)
    return ordered


def _parts(tree: Tree) -> Iterator[Tree]:
    yield tree
    if tree[0] in ("op", "call"):
        for part in tree[2:]:
            yield from _parts(part)


class _Parser:
    def __init__(self, text: str) -> None:
        self._tokens = [*_tokens(text)]
        self._at = self._depth = self._count = 0

    def whole(self) -> Tree:
        tree = self._level(0)
        if self._at < len(self._tokens):
            raise BadFormula(f"did not expect {self._tokens[self._at][1]!r}")
        return tree

    def _level(self, level: int) -> Tree:
        if level == len(_LEVELS):
            return self._single()
        left = self._level(level + 1)
        while (op := self._peek()) in _LEVELS[level]:
            self._at += 1
            left = self._made(("op", op, left, self._level(level + 1)))
        return left

    def _single(self) -> Tree:
        self._depth += 1
        if self._depth > DEEPEST:
            raise BadFormula(f"is nested deeper than {DEEPEST}")
        kind, text = self._take()
        match kind:
            case "number":
                found: Tree = ("value", Decimal(text))
            case "text":
                found = ("value", re.sub(r"\\(.)", r"\1", text[1:-1]))
            case "name" if text in ("true", "false"):
                found = ("value", text == "true")
            case "name" if text == "not":
                found = ("op", "not", self._single())
            case "name" if self._peek() == "(":
                found = ("call", text.lower(), *self._arguments())
            case "name" if text not in _WORDS:
                found = ("field", text)
            case "op" if text == "-":
                found = ("op", "negative", self._single())
            case "op" if text == "(":
                found = self._level(0)
                self._expect(")")
            case _:
                raise BadFormula(f"did not expect {text!r}" if text else "ends too early")
        self._depth -= 1
        return self._made(found)

    def _arguments(self) -> list[Tree]:
        self._expect("(")
        found = [] if self._peek() == ")" else [self._level(0)]
        while self._peek() == ",":
            self._at += 1
            found.append(self._level(0))
        self._expect(")")
        return found

    def _made(self, tree: Tree) -> Tree:
        self._count += 1
        if self._count > MOST:
            raise BadFormula(f"has more than {MOST} parts")
        return tree

    def _peek(self) -> str:
        kind, text = self._tokens[self._at] if self._at < len(self._tokens) else ("", "")
        return "" if kind == "text" else text

    def _take(self) -> tuple[str, str]:
        token = self._tokens[self._at] if self._at < len(self._tokens) else ("", "")
        self._at += 1
        return token

    def _expect(self, text: str) -> None:
        if self._peek() != text:
            raise BadFormula(f"misses {text!r}")
        self._at += 1


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    at, text = 0, text.rstrip()
    while at < len(text):
        found = _TOKEN.match(text, at)
        if not found:
            raise BadFormula(f"cannot read {text[at : at + 20]!r}")
        kind = found.lastgroup or ""
        yield kind, found[kind]
        at = found.end()
