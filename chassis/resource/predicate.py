"""A filter as a question to one message, answered as PostgreSQL would of its row."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from operator import eq, ge, gt, le, lt
from typing import Any

import orjson
from google.protobuf.message import Message
from sqlalchemy import ARRAY, Text
from sqlalchemy.dialects.postgresql import JSONB

from chassis.custom.columns import columns, value_in
from chassis.custom.schema import OPEN
from chassis.resource.filter import Filter
from chassis.resource.filter_shape import Shape
from chassis.resource.filter_sql import Columns
from chassis.resource.filter_tokens import wrong
from chassis.resource.resource import Resource

_EMPTY: tuple[tuple[type, tuple[Any, ...]], ...] = ((Text, ("",)), (JSONB, ("[]", "{}")), (ARRAY, ([],)))
Row = Callable[[str], Any]  # a column's value, None where it is NULL
Test = Callable[[Row], bool]
COMPARE: dict[str, Callable[[Any, Any], bool]] = {"=": eq, "<": lt, "<=": le, ">": gt, ">=": ge}
_OF_TYPE: dict[str, Callable[[Any], bool]] = {
    "text": lambda value: isinstance(value, str),
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "bool": lambda value: isinstance(value, bool),
}


def predicate(resource: Resource[Any], wanted: Filter) -> Callable[[Message], bool]:
    """Whether a message matches, equal to what a List with the same filter at the same moment finds.

    Raises InvalidArgument for a filter that asks about the record a reference points at: a message does not hold it.
    Rights are the filter's: it was parsed for somebody. Sees neither tenants nor reach.
    """
    test = _test(wanted.shape, wanted.values, columns(resource.table.c))

    def matches(message: Message) -> bool:
        return test(_Row(resource, message, wanted.searched))

    return matches


class _Row:
    """A message as its row; only what is asked for is worked out, and once."""

    def __init__(self, resource: Resource[Any], message: Message, searched: Sequence[str]) -> None:
        self._resource, self._message, self._known = resource, message, dict[str, Any]()
        self._searched = searched

    def __call__(self, column: str) -> Any:
        if column not in self._known:
            if ":" in column:
                self._known[column] = value_in(_document(self, OPEN, {}), column)
            else:
                self._known |= self._resource.codec.stored(self._message, column, self._searched)
        return self._known[column]


def _test(shape: Shape, values: Mapping[str, Any], c: Columns) -> Test:
    match shape:
        case ("and", *parts):
            all_of = [_test(part, values, c) for part in parts]
            return lambda row: all(test(row) for test in all_of)
        case ("or", *parts):
            any_of = [_test(part, values, c) for part in parts]
            return lambda row: any(test(row) for test in any_of)
        case ("not", part):
            inner = _test(part, values, c)
            return lambda row: not inner(row)
        case ("is", column, op, bind):
            compare, value = COMPARE[op], values[bind]
            return lambda row: (found := row(column)) is not None and compare(found, value)
        case ("set", column):
            empty = next((none for kind, none in _EMPTY if isinstance(c[column].type, kind)), ())
            return lambda row: (found := row(column)) is not None and found not in empty
        case ("contains", column, bind, hint):
            exact = _containing(values[bind])
            hinted = _search(values[hint]) if hint else None
            return lambda row: (not hinted or hinted(row)) and exact(row(column))
        case ("search", binds):
            searches = [_search(values[bind]) for bind in binds]
            return lambda row: any(search(row) for search in searches)
        case ("has", column, bind):
            wanted = values[bind]
            return lambda row: wanted in (row(column) or ())
        case ("key", column, bind):
            key = values[bind]
            return lambda row: key in _document(row, column, {})
        case ("entry", column, *rest):
            member = _member(values, *rest)
            return lambda row: member(_document(row, column, {}))
        case ("some", column, *rest):
            one = _member(values, *rest)
            return lambda row: any(map(one, _document(row, column, [])))
        case ("hop", column, *_):
            raise wrong(f"asks what {column} points at, which only a list can tell")
    raise AssertionError(shape)


def _document(row: Row, column: str, none: Any) -> Any:
    text = row(column)
    return none if text is None else orjson.loads(text)


def _search(wanted: list[str]) -> Test:
    grams = frozenset(wanted)
    return lambda row: grams.issubset(row("search_grams"))


def _member(values: Mapping[str, Any], op: str, kind: str, key: str, bind: str, none: str) -> Callable[[Any], bool]:
    if kind == "document":
        document = orjson.loads(values[bind])
        ((name, text),) = (document[0] if isinstance(document, list) else document).items()
        return lambda found: isinstance(there := found.get(name), str) and there == text
    name = values[key]
    if op == "set":
        return lambda found: found.get(name) not in (None, "", [], {})
    if op == ":":
        exact, item = _containing(values[bind]), values[none]
        return lambda found: (
            exact(there) if isinstance(there := found.get(name), str) else isinstance(there, list) and item in there
        )
    compare, wanted, of_type, absent = COMPARE[op], values[bind], _OF_TYPE[kind], orjson.loads(none) if none else None

    def member(found: Any) -> bool:
        there = found.get(name, absent)
        if not of_type(there):
            return False
        return compare(Decimal(repr(there)) if kind == "number" else there, wanted)

    return member


def _containing(pattern: str) -> Callable[[str | None], bool]:
    """What `filter_shape.like` made, taken back, without regard to case as ILIKE has it: letter by letter."""
    text = _lower(pattern[1:-1].replace("\\%", "%").replace("\\_", "_").replace("\\\\", "\\"))
    return lambda found: found is not None and text in _lower(found)


def _lower(text: str) -> str:
    if text.isascii():
        return text.lower()
    return "".join(lower if len(lower := letter.lower()) == 1 else lower[0] for letter in text)
