"""Every type of event that the contract knows, with what makes it happen."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from google.protobuf.descriptor import Descriptor

from chassis.resource.verbs import event_of_noun, verbs_of
from gateway.contract import Contract
from gateway.nouns import Noun

_PUBLISHES = re.compile(r"Publishes ([^.]*)\.")


@dataclass(frozen=True)
class EventType:
    """`kith.sales.opportunity.won.v1`, carried by `message`; `label` is what its noun is called in both languages."""

    service: str
    noun: str
    verb: str
    message: Descriptor
    label: dict[str, str]
    summary: str

    @property
    def name(self) -> str:
        return f"kith.{self.service}.{self.noun}.{self.verb}.v1"

    @property
    def title(self) -> str:
        return f"{self.label.get('en', self.noun)}: {self.verb.replace('_', ' ')}"


def event_types(contract: Contract, nouns: Mapping[str, Noun], said: Mapping[str, str]) -> list[EventType]:
    """In the order of the protos; `said` are their comments, by full name."""
    return [one for noun in nouns.values() for one in _of_noun(noun, said)]


def _of_noun(noun: Noun, said: Mapping[str, str]) -> Iterator[EventType]:
    message = event_of_noun(noun.message)
    if message:
        service, name = noun.name.split(".")
        for verb in verbs_of(noun.message):
            yield EventType(service, name, verb, message, noun.label, _summary(noun.message, verb, said))


def _summary(noun: Descriptor, verb: str, said: Mapping[str, str]) -> str:
    """By which methods, as their comments tell."""
    methods = [method for service in noun.file.services_by_name.values() for method in service.methods]
    names = [m.name for m in methods if f"`{verb}`" in "".join(_PUBLISHES.findall(said.get(m.full_name, "")))]
    return f"Published by {', '.join(names)}." if names else "Published by the service's own work."
