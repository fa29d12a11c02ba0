"""Whom a segment means: its filter, as a question to one fact."""

from chassis.call import Call
from chassis.resource.filter import Filter, filter_for, parse
from chassis.resource.predicate import predicate
from marketing.contact_fact.contact_fact import CONTACT_FACTS
from marketing.segment_membership.bring_in_line import Meant


def meaning(call: Call, text: str) -> Meant:
    """Raises InvalidArgument on `filter` for one that does not fit, or asks about what the caller may not see.

    Everything it asks about is in the fact itself, so that it can be told again whenever one changes.
    """
    return meant_by(filter_for(call, CONTACT_FACTS, text))


def meant_by(wanted: Filter) -> Meant:
    return predicate(CONTACT_FACTS, wanted)


def is_relative(text: str) -> bool:
    """Whether time alone may change whom it means: `this_year`, `now-7d`."""
    return bool(parse(text, CONTACT_FACTS.noun).said)
