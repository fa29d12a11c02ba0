"""The shape of a filter: what its parts are, and who asks."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any
from uuid import UUID

from chassis.resource.filter_tokens import Token, wrong
from chassis.resource.relative_time import Spoken

# A part of a filter, free of values. Names in it are columns and binds:
# ("and", part, …) ("or", part, …) ("not", part)
# ("is", column, op, bind)                     op: = < <= > >=
# ("set", column)                              not empty
# ("contains", column, bind, grams or "")      text within text
# ("has", column, bind)                        a value in a list
# ("entry", column, op, type, key, bind, none) a member of a JSON object: type text, number, bool, or document, which
#                                              holds the key, too; op also : and set; none: what an absent one means
# ("some", column, op, type, key, bind, none)  that member of some object in a JSON list
# ("key", column, bind)                        a key in a map
# ("search", (grams, …))                       words in any of the searched fields
# ("hop", column, noun, part)                  of the record a reference points at
Shape = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks, when and where: what `me`, `now`, `today` and `this_week` mean."""

    now: datetime
    zone: tzinfo
    user_id: UUID
    first_weekday: int


ORDERED = frozenset(["<", "<=", ">", ">="])
Said = Callable[[Asker], Any]  # a value that depends on who asks
Bind = Callable[[Any], str]  # keeps a value, or a `Said`, and names it


def within(op: str, spoken: Spoken, bind: Bind, part: Callable[[str, str], Shape]) -> Shape:
    """`=` a period means within it; `>=` and `<` mean its start, `>` and `<=` its end."""

    def start(asker: Asker) -> Any:
        return _at(spoken, asker).start

    def end(asker: Asker) -> Any:
        return _at(spoken, asker).end

    if not spoken.is_period:
        return part(op, bind(start))
    match op:
        case "=":
            return ("and", part(">=", bind(start)), part("<", bind(end)))
        case ">=" | "<":
            return part(op, bind(start))
        case ">":
            return part(">=", bind(end))
        case _:
            return part("<", bind(end))


def _at(spoken: Spoken, asker: Asker) -> Any:
    try:
        return spoken.at(asker.now, asker.zone, asker.first_weekday)
    except ValueError as error:
        raise wrong(f"names a time that is {error}") from None


def empty_asked(op: str, literal: Token) -> bool:
    return op == ":" and literal == Token("word", "*")


def like(text: str) -> str:
    return "%" + re.sub(r"([\\%_])", r"\\\1", text) + "%"
