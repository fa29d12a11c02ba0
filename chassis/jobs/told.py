"""A refusal written down, so that whoever asks again, of any process, is told the same."""

from collections.abc import Iterator, Mapping
from typing import Any

from chassis.errors import Refusal


def written(refusal: Refusal) -> dict[str, Any]:
    kind = next(kind for kind in Refusal.__subclasses__() if isinstance(refusal, kind))
    return {
        "kind": kind.__name__,
        "reason": refusal.reason,
        "message": str(refusal),
        "fields": refusal.fields,
        "facts": refusal.facts,
    }


def told(values: Mapping[str, Any]) -> Refusal:
    """The same class if this release has it; else its kind, under the reason it had."""
    kind = next(kind for kind in Refusal.__subclasses__() if kind.__name__ == values["kind"])
    known = next((each for each in _family(kind) if each.reason == values["reason"]), kind)
    refusal: Refusal = known(values["message"], fields=values["fields"], **values["facts"])
    if refusal.reason != values["reason"]:
        refusal.reason = values["reason"]
    return refusal


def _family(kind: type[Refusal]) -> Iterator[type[Refusal]]:
    yield kind
    for below in kind.__subclasses__():
        yield from _family(below)
