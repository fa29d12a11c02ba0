"""Part of a reply, as `?fields=displayName,amount.currencyCode` asks for it; of a list, part of each record in it."""

from dataclasses import dataclass
from typing import Any, TypeAlias
from urllib.parse import parse_qsl, urlencode

from google.protobuf.descriptor import Descriptor, FieldDescriptor

from gateway.codec.reader import Fault
from gateway.contract import field_named, resource_of
from gateway.problems import invalid
from gateway.rpc.query import AS_TEXT

PARAMETER = "fields"
Names: TypeAlias = "dict[str, Names]"  # JSON name -> what of it; nothing said is all of it


@dataclass(frozen=True)
class Part:
    names: Names
    records: str  # where the records of a list are; "" for a reply that is no list

    def of(self, reply: dict[str, Any]) -> dict[str, Any]:
        """What was asked for; of a list its page token and sums too."""
        if self.records:
            return {**reply, self.records: _cut(reply[self.records], self.names)}
        found: dict[str, Any] = _cut(reply, self.names)
        return found


def part_of(query: str, reply: Descriptor) -> tuple[Part | None, str]:
    """What `query` asks for, None for all, and the query without it. Raises Problem naming what is no field."""
    if PARAMETER not in query:
        return None, query
    given = parse_qsl(query, keep_blank_values=True)
    asked = [path.strip() for key, text in given if key == PARAMETER for path in text.split(",")]
    if not asked:
        return None, query
    records = None if resource_of(reply) else _records_in(reply)
    record = (records and records.message_type) or reply
    found = {path: _json_names(record, path) for path in asked}
    if unknown := [path for path, names in found.items() if not names]:
        raise invalid([Fault(PARAMETER, "UNKNOWN_FIELD", f"{path!r} is no field of {record.name}") for path in unknown])
    chosen: Names = {}
    for names in sorted(found.values(), key=len):  # the whole of a thing before its parts
        _choose(chosen, names)
    return Part(chosen, records.json_name if records else ""), urlencode([one for one in given if one[0] != PARAMETER])


def _records_in(reply: Descriptor) -> FieldDescriptor | None:
    lists = [one for one in reply.fields if one.is_repeated and one.message_type and resource_of(one.message_type)]
    return lists[0] if len(lists) == 1 else None


def _json_names(message: Descriptor, path: str) -> list[str]:
    """[] when nothing is called that. What stands below a map or a Struct is the tenant's, and kept as it is."""
    within: Descriptor | None = message
    names, parts = list[str](), path.split(".")
    for at, part in enumerate(parts):
        field = field_named(within, part) if within else None
        if field is None:
            return []
        names.append(field.json_name)
        kind, rest = field.message_type, ".".join(parts[at + 1 :])
        if kind and (kind.GetOptions().map_entry or kind.full_name == "google.protobuf.Struct"):
            return [*names, rest] if rest else names
        within = None if kind is None or kind.full_name in AS_TEXT else kind
    return names


def _choose(chosen: Names, names: list[str]) -> None:
    for name in names:
        if chosen.get(name) == {}:
            return
        chosen = chosen.setdefault(name, {})


def _cut(given: Any, names: Names) -> Any:
    if isinstance(given, list):
        return [_cut(one, names) for one in given]
    if not names or not isinstance(given, dict):
        return given
    return {name: _cut(given[name], below) for name, below in names.items() if name in given}
