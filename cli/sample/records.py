"""Records of the sample and the steps they go through: made once, brought on from where they stand, then left alone."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cli.sample.door import ADMIN, Door, Refused, revision

Fields = Mapping[str, Any]
Tell = Callable[[int], None]  # how many more are done


@dataclass(frozen=True)
class Noun:
    """`Leads`, `Lead`, `lead`: as a service, an rpc and a request's field call it."""

    service: str
    title: str
    name: str


@dataclass(frozen=True)
class Record:
    """`who` makes it, and takes the steps that name nobody else. Each step is one write: (rpc, fields, who)."""

    key: str
    who: str
    noun: Noun
    fields: Fields
    steps: Sequence[tuple[str, Fields, str]] = field(default=())


def step(rpc: str, who: str = "", /, **fields: Any) -> tuple[str, Fields, str]:
    return rpc, fields, who


async def make(door: Door, records: Iterable[Record], tell: Tell) -> dict[str, Any]:
    """All of one noun; each as it is then, by its key. Those that somebody deleted stay away."""
    planned = list(records)
    if not planned:
        return {}
    noun = planned[0].noun
    there = await door.there(ADMIN, f"{noun.service}.BatchGet{noun.service}", [one.key for one in planned])

    async def one(record: Record) -> Any:
        found = await _brought_on(door, record, there.get(record.key))
        tell(1)
        return found

    made = await asyncio.gather(*map(one, planned))
    return {record.key: found for record, found in zip(planned, made, strict=True) if found is not None}


async def _brought_on(door: Door, record: Record, found: Any) -> Any:
    """A record at revision n has had n - 1 of its steps; what somebody else did with it counts, and stays."""
    noun, strange = record.noun, found is not None
    try:
        if found is None:
            found = await door.ask(
                record.who,
                f"{noun.service}.Create{noun.title}",
                once=record.key,
                id=door.id_of(record.key),
                **{noun.name: record.fields},
            )
        done = revision(found) - 1
        for at, (rpc, fields, who) in enumerate(record.steps[done:], start=done + 1):
            once = f"{record.key}, step {at}"
            found = await door.ask(who or record.who, f"{noun.service}.{rpc}", once=once, id=found.id, **fields)
    except Refused as refused:
        taken = found is None and refused.reason == "ALREADY_EXISTS"
        if not (strange or taken):
            raise
    return found
