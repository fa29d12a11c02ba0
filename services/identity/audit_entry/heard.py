"""What an event says, as an entry of the audit trail that has no place in the chain yet."""

import importlib
import json
import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache, partial
from typing import Any

import orjson
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.json_format import MessageToDict
from google.protobuf.message import DecodeError, Message
from google.protobuf.message_factory import GetMessageClass

from chassis.events.cloud_event import Event, Malformed
from chassis.resource.kinds import plain_of
from kith.identity.v1.audit_entry_pb2 import AuditEntry
from kith.v1 import options_pb2
from kith.v1.audit_pb2 import AuditRecord

AUDIT, PRIVACY = "audit", "privacy"
# What every write changes says nothing; `id` is in the entry itself.
UNSAID = frozenset({"id", "etag", "create_time", "update_time", "creator_id", "updater_id"})
WITHHELD = '"***"'  # in place of what would harm in the wrong hands: that it changed is told, and not from what to what
_TYPE = re.compile(r"kith\.([a-z_]+)\.([a-z_]+)\.([a-z_]+)\.v1")


def entries_of(event: Event) -> list[AuditEntry]:
    """One a record; of readings and exports without one, one. Raises Malformed."""
    named = _TYPE.fullmatch(event.type)
    if named is None:
        raise Malformed(f"{event.type} is no type of event")
    service, noun, verb = named.groups()
    if noun == PRIVACY:  # services talking among themselves; what came of it is told by the nouns
        return []
    try:
        if noun == AUDIT:
            return list(_of_record(event, AuditRecord.FromString(event.payload)))
        message = event_message(service, noun)
        told: Any = message.FromString(event.payload) if message else None
    except DecodeError as error:
        raise Malformed(f"no {event.type}: {error}") from error
    entry = _begun(event, verb, f"{service}.{noun}", str(event.aggregate_id))
    if told is None:  # of a release to come: that it happened is known all the same
        entry.act_time.FromDatetime(event.time)
        return [entry]
    entry.creator_id = told.actor_id
    entry.act_time.CopyFrom(told.change_time)
    entry.changes.extend(_changes(told))
    return [entry]


def _of_record(event: Event, record: AuditRecord) -> Iterator[AuditEntry]:
    for id in record.record_ids or [""]:
        entry = _begun(event, record.action, record.noun, id)
        entry.creator_id, entry.times = record.actor_id, record.times or 1
        entry.act_time.CopyFrom(record.act_time)
        entry.reason, entry.permission, entry.method = record.reason, record.permission, record.method
        if record.reason:
            entry.outcome = AuditEntry.REFUSED
        entry.changes.extend(AuditEntry.FieldChange(field=name) for name in record.fields)
        yield entry


def _begun(event: Event, action: str, noun: str, id: str) -> AuditEntry:
    return AuditEntry(
        action=action,
        noun=noun,
        resource=f"{collection_of(noun)}/{id}" if id else "",
        outcome=AuditEntry.DONE,
        times=1,
        credential=event.credential,
        address=event.address,
    )


def _changes(told: Any) -> Iterable[AuditEntry.FieldChange]:
    new = _values(told.after)
    if not told.HasField("before"):
        return [AuditEntry.FieldChange(field=name, new_value=value) for name, value in new.items()]
    old = _values(told.before)
    names = [name for name in told.changed_fields if name not in UNSAID]
    return [
        AuditEntry.FieldChange(field=name, old_value=old.get(name, ""), new_value=new.get(name, "")) for name in names
    ]


def _values(record: Message) -> dict[str, str]:
    """Each field that is set, as JSON."""
    writers = _writers(record.DESCRIPTOR)
    return {field.name: writer(value) for field, value in record.ListFields() if (writer := writers.get(field.name))}


@lru_cache(maxsize=512)
def _writers(noun: Descriptor) -> dict[str, Callable[[Any], str]]:
    """How each field is told; most hold one text, of which the contract's own JSON would take ten times as long."""
    return {field.name: _writer(noun, field) for field in noun.fields if field.name not in UNSAID}


def _writer(noun: Descriptor, field: FieldDescriptor) -> Callable[[Any], str]:
    if field.GetOptions().Extensions[options_pb2.personal] == options_pb2.SENSITIVE:
        return lambda value: WITHHELD
    if field.type == FieldDescriptor.TYPE_STRING and not field.is_repeated:
        return _text
    if field.enum_type and not field.is_repeated:
        names = {value.number: _text(value.name) for value in field.enum_type.values}
        return lambda number: names.get(number) or str(number)  # of a release to come
    if field.message_type and _is_simple(field.message_type):
        plain = plain_of(field.message_type)
        return lambda value: _sorted([plain(one) for one in value] if field.is_repeated else plain(value))
    return partial(_as_json, GetMessageClass(noun), field.name)


def _is_simple(message: Descriptor) -> bool:
    """Whether JSON has nothing to say of it that its values do not say; a map is no list of messages."""
    written_so = {FieldDescriptor.TYPE_STRING, FieldDescriptor.TYPE_BOOL, FieldDescriptor.TYPE_INT32}
    told_otherwise = message.GetOptions().map_entry or message.full_name.startswith("google.protobuf.")
    return not told_otherwise and all(field.type in written_so for field in message.fields)


def _text(value: str) -> str:
    return orjson.dumps(value).decode()


def _as_json(noun: type[Message], name: str, value: Any) -> str:
    alone: Any = noun(**{name: value})
    return _sorted(MessageToDict(alone, preserving_proto_field_name=True)[name])


def _sorted(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


@lru_cache(maxsize=512)
def event_message(service: str, noun: str) -> type[Message] | None:
    """The message of a noun's events, found by its name; None for a noun that our contract does not have."""
    try:
        module = importlib.import_module(f"kith.{service}.v1.{noun}_pb2")
    except ModuleNotFoundError:
        return None
    title = "".join(word.capitalize() for word in noun.split("_"))
    return getattr(module, f"{title}Event", None)


@lru_cache(maxsize=512)
def collection_of(noun: str) -> str:
    """As in URLs: `campaignMembers`; of a noun we do not know its own name."""
    service, _, name = noun.partition(".")
    message = event_message(service, name) if name else None
    if message is None:
        return name
    described: Any = message.DESCRIPTOR.fields_by_name["after"].message_type
    first, *more = str(described.GetOptions().Extensions[options_pb2.resource].plural).split("_")
    return first + "".join(word.capitalize() for word in more)
