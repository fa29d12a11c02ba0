"""Finds what a service keeps of a person: their records, those about them, and those that merely mention them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import LargeBinary, Select, Text, Uuid, any_, bindparam, cast, func, literal_column, select
from sqlalchemy.dialects.postgresql import ARRAY

from chassis.call import Call
from chassis.database.statement import Statement
from chassis.database.walls import APPEND_ONLY, quoted
from chassis.privacy.clean import is_person, reached_by
from chassis.privacy.person import Known
from chassis.resource.change import HISTORY
from chassis.resource.resource import Resource

Nouns = Sequence[Resource[Any]]
_TENANT, _IDS = bindparam("caller_tenant", type_=Uuid), bindparam("ids", type_=ARRAY(Uuid))
_IN_HISTORY = Statement(
    select(HISTORY.c.aggregatetype, HISTORY.c.aggregateid)
    .where(
        HISTORY.c.tenant_id == _TENANT,
        HISTORY.c.payload.bool_op("~~")(any_(bindparam("patterns", type_=ARRAY(LargeBinary)))),
    )
    .distinct()
)


@dataclass
class Found:
    """Ids by noun. `persons` also names nouns of other services; a record is in one of the three."""

    persons: defaultdict[str, set[UUID]] = field(default_factory=lambda: defaultdict(set))
    about: defaultdict[str, set[UUID]] = field(default_factory=lambda: defaultdict(set))
    mentions: defaultdict[str, set[UUID]] = field(default_factory=lambda: defaultdict(set))

    def of(self, noun: str) -> set[UUID]:
        return self.persons[noun] | self.about[noun] | self.mentions[noun]


async def find(call: Call, nouns: Nouns, known: Known, records: Iterable[str]) -> Found:
    """`records` are those of the person that other services found: `contacts.contact/<id>`."""
    found = Found()
    for one in records:
        noun, _, id = one.partition("/")
        found.persons[noun].add(UUID(id))
    kept = [one for one in nouns if not one.table.info.get(APPEND_ONLY)]
    for resource in kept:
        await _mentioned(call, resource, known, found)
    await _mentioned_in_history(call, kept, known, found)
    while await _followed(call, kept, found):
        pass
    for name in [*found.mentions]:
        found.mentions[name] -= found.persons[name] | found.about[name]
    return found


async def records_of(call: Call, resource: Resource[Any], ids: Iterable[UUID], *, locked: bool = False) -> list[Any]:
    """Deleted ones too, whosever they are."""

    def build() -> Select[Any]:
        table = resource.table
        asked = select(*resource.codec.columns).where(table.c.tenant_id == _TENANT, table.c.id == any_(_IDS))
        asked = asked.order_by(table.c.id)
        return asked.with_for_update() if locked else asked

    wanted = {"ids": sorted(ids)}
    rows = await call.ask(("privacy records", resource.noun.permission, locked), build, wanted) if wanted["ids"] else []
    return [resource.message(**resource.codec.fields(row)) for row in rows]


async def _mentioned(call: Call, resource: Resource[Any], known: Known, found: Found) -> None:
    """By all that a row says. A person's record has the address or number among its own."""

    def build() -> Select[Any]:
        table = resource.table
        whole = func.lower(cast(literal_column(quoted(table.name)), Text))
        mentioned = whole.like(any_(bindparam("patterns", type_=ARRAY(Text))))
        return select(table.c.id).where(table.c.tenant_id == _TENANT, mentioned)

    patterns = [f"%{_escaped(one)}%" for one in known.identifiers]
    name = resource.noun.permission
    ids = {row["id"] for row in await call.ask(("privacy mentions", name), build, {"patterns": patterns})}
    found.mentions[name] |= ids
    if is_person(resource.noun.descriptor):
        for record in await records_of(call, resource, ids):
            if reached_by(record).meets(known):
                found.persons[name].add(UUID(record.id))


async def _mentioned_in_history(call: Call, nouns: Nouns, known: Known, found: Found) -> None:
    patterns = [f"%{_escaped(one)}%".encode() for one in known.identifiers]
    here = {one.noun.permission for one in nouns}
    for row in await call.fetch(_IN_HISTORY, {"patterns": patterns}):
        if row["aggregatetype"] in here:
            found.mentions[row["aggregatetype"]].add(row["aggregateid"])


async def _followed(call: Call, nouns: Nouns, found: Found) -> bool:
    """Along references to the person, and from wholes to their parts; whether that led to anything new."""
    before = sum(len(ids) for some in (found.persons, found.about) for ids in some.values())
    for resource in nouns:
        into = found.persons if is_person(resource.noun.descriptor) else found.about
        for column, several, ids in _ways(resource, found):
            into[resource.noun.permission] |= await _pointing(call, resource, column, several, ids)
    return sum(len(ids) for some in (found.persons, found.about) for ids in some.values()) > before


def _ways(resource: Resource[Any], found: Found) -> Iterator[tuple[str, bool, set[UUID]]]:
    for name in resource.noun.references:
        one = resource.noun.fields[name]
        ids = set(found.persons[one.reference])
        if one.part_of:
            ids |= found.about[one.reference]
        if ids:
            yield name, bool(one.descriptor.is_repeated), ids


async def _pointing(call: Call, resource: Resource[Any], column: str, several: bool, ids: set[UUID]) -> set[UUID]:
    def build() -> Select[Any]:
        table = resource.table
        points = table.c[column].bool_op("&&")(_IDS) if several else table.c[column] == any_(_IDS)
        return select(table.c.id).where(table.c.tenant_id == _TENANT, points)

    shape = "privacy pointing", resource.noun.permission, column
    return {row["id"] for row in await call.ask(shape, build, {"ids": sorted(ids)})}


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
