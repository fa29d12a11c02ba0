"""Erases what a service keeps of a person, down to histories, events that have yet to leave, and tables of its own."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from google.protobuf.message import Message
from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    LargeBinary,
    MetaData,
    Table,
    Text,
    Uuid,
    bindparam,
    cast,
    delete,
    func,
    literal_column,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB

from chassis.call import Call
from chassis.custom.fit import searched_in
from chassis.custom.held import hold_changed
from chassis.custom.schema import UNTOLD
from chassis.database.statement import Statement
from chassis.database.walls import APPEND_ONLY
from chassis.errors import TenantUnknown
from chassis.privacy.clean import is_person, names_of, strike, wipe
from chassis.privacy.find import Found, Nouns, find, records_of
from chassis.privacy.person import MARK, Known, names_in
from chassis.resource import external
from chassis.resource.change import HISTORY, change_binds, replacement, with_change, written
from chassis.resource.kinds import next_etag, timestamp
from chassis.resource.resource import PURGED_AFTER, Resource
from chassis.resource.verbs import ERASED

ALL = "*"
Clean = Callable[[Message], None]
_TENANT = bindparam("caller_tenant", type_=Uuid)
_ID, _NOUN = bindparam("record", type_=Uuid), bindparam("noun", type_=Text)


_KEY, _PAYLOAD = bindparam("key", type_=BigInteger), bindparam("new_payload", type_=LargeBinary)
_theirs = HISTORY.c.tenant_id == _TENANT, HISTORY.c.aggregatetype == _NOUN, HISTORY.c.aggregateid == _ID
_waiting = func.waiting_events(_NOUN, _ID).table_valued("key", "payload").render_derived()
_HISTORY = (
    Statement(select(HISTORY.c.sequence.label("key"), HISTORY.c.payload).where(*_theirs)),
    Statement(update(HISTORY).where(*_theirs, HISTORY.c.sequence == _KEY).values(payload=_PAYLOAD)),
)
_WAITING = (
    Statement(select(_waiting.c.key, _waiting.c.payload)),
    Statement(select(func.replace_waiting_event(_KEY, _PAYLOAD))),
)


@dataclass
class Erasure:
    """What came of it: counts by noun, all records that were looked at, and what was learnt of the person."""

    known: Known
    erased: dict[str, int] = field(default_factory=dict)
    held: dict[str, int] = field(default_factory=dict)
    persons: list[str] = field(default_factory=list)
    touched: list[str] = field(default_factory=list)
    changed: bool = False


async def erase(
    call: Call,
    service: str,
    nouns: Nouns,
    tables: Sequence[MetaData],
    known: Known,
    records: Iterable[str],
    held: Iterable[str],
) -> Erasure:
    """Once more it finds nothing, unless something came in between. `held` are nouns that stay as they are."""
    found = await find(call, nouns, known, records)
    known |= Known(names=await _names(call, nouns, found))
    done, kept = Erasure(known), set(held)
    pattern = re.compile(known.pattern, re.IGNORECASE)
    for resource in nouns:
        name = resource.noun.permission
        ids = found.of(name)
        done.persons += [f"{name}/{id}" for id in sorted(found.persons[name])]
        if not ids:
            continue
        if kept & {name, ALL}:
            done.held[name] = len(ids)
            continue
        done.touched += [f"{name}/{id}" for id in sorted(ids)]
        fully = found.persons[name] | found.about[name]
        count = 0
        for record in await records_of(call, resource, ids, locked=True):
            count += await _record(call, resource, record, _cleaner(UUID(record.id) in fully, pattern))
        for id in sorted(ids):
            done.changed |= await _events(call, resource, id, _cleaner(id in fully, pattern))
        if count:
            done.erased[name] = count
    if ALL not in kept:
        for metadata in tables:
            for table in metadata.tables.values():
                count = await _table(call, table, known)
                if count:
                    done.erased[f"{service}.{table.name}"] = count
    done.changed |= bool(done.erased)
    return done


async def erase_one(call: Call, resource: Resource[Any], id: str) -> None:
    """What is personal in one record and in its events."""
    for record in await records_of(call, resource, [UUID(id)], locked=True):
        await _record(call, resource, record, wipe)
    await _events(call, resource, UUID(id), wipe)


async def _names(call: Call, nouns: Nouns, found: Found) -> frozenset[str]:
    """What the person is, and was, called."""
    texts: list[str] = []
    for resource in nouns:
        name = resource.noun.permission
        for record in await records_of(call, resource, found.persons[name]):
            texts += names_of(record)
        if resource.noun.options.journal:
            continue
        read, _ = _HISTORY
        for id in sorted(found.persons[name]):
            for row in await call.fetch(read, {"noun": name, "record": id}):
                event: Any = resource.event.FromString(row["payload"])
                texts += names_of(event.after)
    return names_in(texts)


def _cleaner(fully: bool, pattern: "re.Pattern[str]") -> Clean:
    def clean(message: Message) -> None:
        if fully:
            wipe(message)
        strike(message, pattern)

    return clean


async def _record(call: Call, resource: Resource[Any], before: Any, clean: Clean) -> bool:
    """Whether anything was there to erase. A person's record is put away, too, and so goes for good in time."""
    after = resource.copy(before)
    clean(after)
    if is_person(resource.noun.descriptor) and after != before and not after.HasField("delete_time"):
        after.delete_time.FromDatetime(call.now)
        after.purge_time.FromDatetime(call.now + PURGED_AFTER)
    if after == before:
        return False
    if call.caller.custom is UNTOLD and call.means.known_by and getattr(after, "custom_fields", None):
        raise TenantUnknown("what this tenant added to its records is not known yet; retry")
    noun = resource.noun
    if noun.options.journal:
        values = written(resource.codec.values(after))
        await call.ask(("erase", noun.permission), lambda: replacement(resource.table), values)
        return True
    names = [name for name in noun.fields if getattr(before, name) != getattr(after, name)]
    stamps = {"etag": next_etag(before), "update_time": timestamp(call.now), "updater_id": call.caller.user_text}
    for name in stamps.keys() & noun.fields.keys():
        after.ClearField(name)
        after.MergeFrom(resource.message(**{name: stamps[name]}))
    event = resource.event(
        verb=ERASED,
        after=after,
        changed_fields=names,
        actor_id=call.caller.user_text,
        change_time=timestamp(call.now),
    )
    if "external_ids" in noun.fields:
        await external.hold(call, noun.permission, after)
    await hold_changed(call, noun, after, names)
    values = resource.codec.values(after, searched_in(call, noun))
    binds = change_binds(noun, call, values, ERASED, event.SerializeToString(deterministic=True))
    shape = "erase", noun.permission
    await call.ask(shape, lambda: with_change(replacement(resource.table), resource.table), written(values) | binds)
    return True


async def _events(call: Call, resource: Resource[Any], id: UUID, clean: Clean) -> bool:
    """What is kept of its events, and what has not left yet; whether there was anything to take out."""
    if resource.noun.options.journal:
        return False
    changed, who = False, {"noun": resource.noun.permission, "record": id}
    for read, put in (_HISTORY, _WAITING):
        for row in await call.fetch(read, who):
            event: Any = resource.event.FromString(row["payload"])
            for name in ("after", "before"):
                if event.HasField(name):
                    clean(getattr(event, name))
            if "details" in event.DESCRIPTOR.fields_by_name and event.HasField("details"):
                clean(event.details)
            event.DiscardUnknownFields()
            payload = event.SerializeToString(deterministic=True)
            if payload != row["payload"]:
                await call.fetch(put, {**who, "key": row["key"], "new_payload": payload})
                changed = True
    return changed


async def _table(call: Call, table: Table, known: Known) -> int:
    """A table that no noun stands for: a row whose key tells of the person goes, other texts are struck."""
    texts = [one for one in table.c if isinstance(one.type, (Text, JSONB))]
    if "tenant_id" not in table.c or table.info.get(APPEND_ONLY):
        return 0
    pattern = bindparam("pattern", type_=Text)

    def telling(columns: Sequence[Column[Any]]) -> tuple[ColumnElement[bool], ...]:
        return table.c.tenant_id == _TENANT, or_(*(cast(one, Text).bool_op("~*")(pattern) for one in columns))

    def gone() -> Any:
        return delete(table).where(*telling(keys)).returning(literal_column("1"))

    def struck() -> Any:
        values = {one.name: cast(func.regexp_replace(cast(one, Text), pattern, MARK, "gi"), one.type) for one in rest}
        return update(table).where(*telling(rest)).values(values).returning(literal_column("1"))

    keys, rest = [one for one in texts if one.primary_key], [one for one in texts if not one.primary_key]
    said = {"pattern": known.pattern}
    count = len(await call.ask(("privacy rows", table.name), gone, said)) if keys else 0
    return count + (len(await call.ask(("privacy texts", table.name), struck, said)) if rest else 0)
