"""What a sharing rule has to be."""

from chassis.errors import InvalidArgument
from chassis.resource.contract import noun_named
from chassis.resource.filter import parse
from chassis.resource.noun import Noun
from kith.identity.v1.sharing_rule_pb2 import SharingRule


class NotShareable(InvalidArgument): ...


def check(rule: SharingRule) -> None:
    """Raises InvalidArgument unless it is with one user or one team."""
    if bool(rule.user_id) == bool(rule.team_id):
        problem = "is given, and team_id too: name one of them" if rule.user_id else "or team_id: name one of them"
        raise InvalidArgument.of("user_id", problem)


def refuse_meaningless(rule: SharingRule, closed: frozenset[str]) -> None:
    """`closed` are the fields its author may not see. Raises NotShareable, InvalidArgument naming `filter`."""
    parse(rule.filter, shareable(rule.noun), closed)


def shareable(name: str) -> Noun:
    """Raises NotShareable."""
    noun = noun_named(name)
    if noun is None or "shared" not in noun.verbs:
        raise NotShareable.of("noun", "has no records that can be shared")
    return noun
