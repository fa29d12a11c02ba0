"""Whether a sharing rule means anything, by the contract of the noun it is about, whosever that is."""

from chassis.custom.schema import Schema
from chassis.resource.contract import noun_named
from chassis.resource.filter import parse
from identity.sharing_rule.rules import NotShareable
from kith.identity.v1.sharing_rule_pb2 import SharingRule


def refuse_meaningless(rule: SharingRule, closed: frozenset[str], custom: Schema) -> None:
    """`closed` are the fields its author may not see. Raises NotShareable, InvalidArgument naming `filter`."""
    noun = noun_named(rule.noun)
    if noun is None or "shared" not in noun.verbs:
        raise NotShareable.of("noun", "has no records that can be shared")
    parse(rule.filter, noun, closed, custom)
