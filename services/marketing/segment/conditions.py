"""The conditions a filter is made of, each as it stands there."""

from typing import Any, NamedTuple

from google.protobuf.message import Message

from chassis.resource.filter_tokens import Token, quoted, tokens
from chassis.resource.kinds import moment
from marketing.contact_fact.contact_fact import CONTACT_FACTS

_JOINING = {"AND", "OR"}


class Condition(NamedTuple):
    """`field` is the fact's that it is about; empty for a word, which may stand in any."""

    expression: str
    field: str


def conditions(text: str) -> list[Condition]:
    """In order, without the parentheses around them; a NOT stays with the one it stands before."""
    found: list[Condition] = []
    said, at, negated = tokens(text), 0, ""
    while at < len(said):
        token = said[at]
        if token.kind == "word" and token.raw == "NOT":
            negated, at = "NOT ", at + 1
        elif token.kind == "paren" or (token.kind == "word" and token.raw in _JOINING):
            negated, at = "", at + 1
        else:
            width = 3 if token.kind == "word" and at + 1 < len(said) and said[at + 1].kind == "op" else 1
            found.append(_condition(negated, said[at : at + width]))
            negated, at = "", at + width
    return found


def _condition(negated: str, said: list[Token]) -> Condition:
    if len(said) == 1:
        return Condition(negated + said[0].raw, "")
    name, op, literal = (token.raw for token in said)
    expression = f"{name}:{literal}" if op == ":" else f"{name} {op} {literal}"
    return Condition(negated + expression, CONTACT_FACTS.noun.path_of(name).partition(".")[0])


def value_of(fact: Message, field: str) -> str:
    """What the fact holds there, as a filter writes it; empty where it holds nothing."""
    if not field:
        return ""
    value: Any = getattr(fact, field)
    kind = CONTACT_FACTS.noun.fields[field].descriptor
    if kind.is_repeated:
        return " ".join(quoted(one) for one in value)
    match kind.message_type.full_name if kind.message_type else "":
        case "google.protobuf.Timestamp":
            return moment(value).isoformat() if fact.HasField(field) else ""
        case "kith.v1.Money":
            return _money(value) if fact.HasField(field) else ""
    if isinstance(value, str):
        return quoted(value) if value else ""
    return str(value)


def _money(money: Any) -> str:
    cents = f".{money.nanos:09d}".rstrip("0") if money.nanos else ""
    return quoted(f"{money.currency_code} {money.units}{cents}")
