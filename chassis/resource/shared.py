"""What was shared with a caller, as far as a call goes: single records by their level, and what rules' filters mean."""

import logging

from chassis.access.sight import UNSHARED, Level, Reach, Sight, level_for
from chassis.call import Call
from chassis.errors import InvalidArgument
from chassis.resource.filter import Filter, parse
from chassis.resource.filter_tokens import wrong
from chassis.resource.noun import Noun

log = logging.getLogger(__name__)


def sight_of(call: Call, noun: Noun, reach: Reach, verb: str) -> Sight:
    """`reach`, and what shares add to it for `verb`. Leaves in the call what the rules are filled with."""
    needed = level_for(verb)
    if not needed:
        return UNSHARED[reach]
    level = needed if noun.permission in call.caller.shared else Level.NONE
    rules = [rule for _, rule in rules_for(call, noun, needed)]
    for rule in rules:
        call.binds |= rule.values
    return Sight(reach, level, tuple(rule.shape for rule in rules))


def rules_for(call: Call, noun: Noun, needed: Level) -> list[tuple[str, Filter]]:
    """The filters by which rules share records of `noun` with the caller, at least at the level `needed`: as they were
    written, and what they mean."""
    found = []
    for at, rule in enumerate(call.caller.shared_by.get(noun.permission, ())):
        if rule.level >= needed:
            try:
                parsed = parse(rule.filter, noun, custom=call.caller.custom, prefix=f"rule_{noun.name}_{at}")
                if parsed.hops:  # what else its reader sees would decide what it shares
                    raise wrong("asks what a reference points at")
                wanted = parsed.asked_by(call)
            except InvalidArgument as refusal:  # the noun has changed since the rule was made: it shares nothing
                log.warning("a sharing rule means nothing", extra={"noun": noun.permission, "why": str(refusal)})
                continue
            found.append((rule.filter, wanted))
    return found
