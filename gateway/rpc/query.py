"""Query parameters as fields of a request: each goes where its dotted path says."""

from typing import Any
from urllib.parse import parse_qsl

from google.protobuf.descriptor import FieldDescriptor

from gateway.codec.reader import Fault, Faults, Readers
from gateway.rpc.routes import Route, field_at

AS_TEXT = {f"google.protobuf.{name}" for name in ("Timestamp", "Duration", "FieldMask")}
BOOLEANS = {"true": True, "false": False}


def read_query(readers: Readers, route: Route, query: str, fields: dict[str, Any], faults: Faults) -> None:
    """Put each parameter of `query` into `fields`; one that the body owns, or nobody knows, is a fault."""
    for key, text in parse_qsl(query, keep_blank_values=True):
        path = _path(route, key)
        if not path:
            faults.append(Fault(key, "UNKNOWN_FIELD", "no such query parameter"))
            continue
        field = path[-1]
        given: Any = BOOLEANS.get(text, text) if field.type == field.TYPE_BOOL else text
        value = readers.field(field).read([given] if field.is_repeated else given, key, faults)
        home = fields
        for parent in path[:-1]:
            home = home.setdefault(parent.name, {})
        if field.is_repeated:
            home.setdefault(field.name, []).extend(value or [])
        elif field.name in home:
            faults.append(Fault(key, "GIVEN_TWICE", "given twice"))
        else:
            home[field.name] = value


def _path(route: Route, key: str) -> list[FieldDescriptor]:
    """The fields along `key`; [] when it names none, or one that a query cannot fill."""
    parts = key.split(".")
    try:
        path = [field_at(route.rpc.input_type, ".".join(parts[: n + 1])) for n in range(len(parts))]
    except TypeError:
        return []
    return path if route.body not in ("*", path[0].name) and takes_text(path[-1]) else []


def takes_text(field: FieldDescriptor) -> bool:
    return field.message_type is None or field.message_type.full_name in AS_TEXT
