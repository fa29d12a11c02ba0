"""The request of an rpc, made from path, query, headers and body; every fault of them is told at once."""

import uuid
from collections.abc import Mapping
from typing import Any

from google.rpc.code_pb2 import Code

from gateway.codec.reader import BadJson, Fault, Faults, Readers
from gateway.codec.times import camel
from gateway.contract import OUTPUT_ONLY, behaviours, field_named
from gateway.incoming import Incoming
from gateway.problems import Problem, invalid
from gateway.rpc.query import read_query
from gateway.rpc.routes import Route

LONGEST_KEY = 200
KEYS = uuid.UUID("6b1f8d5e-6f57-5a1f-9c0b-6b69746820ab")  # what an Idempotency-Key is a UUIDv5 of
OPEN_FIELDS = "custom_fields"


def request_fields(
    readers: Readers, route: Route, values: list[str], query: str, incoming: Incoming, body: bytes
) -> dict[str, Any]:
    """The keyword arguments of the request. Raises Problem."""
    try:
        document = readers.parse(body or b"{}") if route.body else {}
        fields, faults = dict[str, Any](), Faults()
        if route.body_type:
            read = readers.of(route.body_type)(document, "", faults)
            fields = {route.body: read} if route.body != "*" else read
        if query:
            read_query(readers, route, query, fields, faults)
        if faults:
            raise BadJson(faults)
        if route.fills_mask and "update_mask" not in fields:
            fields["update_mask"] = {"paths": mask_of(route, document, fields[route.body])}
        for path, value in zip(route.parameters, values, strict=True):
            put(fields, path, value, "the path")
        etag = incoming.header(b"if-match")
        if etag and etag != "*" and route.etag_path:
            put(fields, route.etag_path, etag, "If-Match")
        if key := incoming.header(b"idempotency-key"):
            put_key(route, fields, key)
    except BadJson as error:
        raise invalid(error.faults) from None
    return fields


def refuse_unconditional(route: Route, fields: Mapping[str, Any], incoming: Incoming) -> None:
    """Raises Problem for a change that says by no etag what it was made from; `If-Match: *` says it on purpose."""
    given: Any = fields
    for name in route.etag_path.split("."):
        given = given.get(name, {})
    if route.etag_path and route.method != "GET" and not given and not incoming.header(b"if-match"):
        raise Problem(Code.FAILED_PRECONDITION, "PRECONDITION_REQUIRED", "send If-Match with the record's etag, or `*`")


def mask_of(route: Route, document: Mapping[str, Any], noun: dict[str, Any]) -> list[str]:
    """What a PATCH without a mask changes: the keys that are there. What only the server sets is taken out of `noun`.

    Out of the message too, for whoever reads it need not know how it came. Custom fields are named one by one, so that
    those not sent stay as they are; `null` for all of them clears all.
    """
    paths = []
    for key, value in document.items():
        field = field_named(route.body_type, key) if route.body_type else None
        assert field, "an unknown key was refused before"
        if OUTPUT_ONLY in behaviours(field):
            if field.name != "id":  # checked against the path
                noun.pop(field.name, None)
        elif field.name == OPEN_FIELDS and type(value) is dict and not any("." in name for name in value):
            paths += [f"{OPEN_FIELDS}.{name}" for name in value]
            _forget_nulls(noun[OPEN_FIELDS])
        elif field.name != "etag":
            paths.append(field.name)
    return paths


def _forget_nulls(custom_fields: dict[str, Any]) -> None:
    """A key that the mask names and the message lacks is cleared."""
    for name in [name for name, value in custom_fields.items() if value is None]:
        del custom_fields[name]


def put(fields: dict[str, Any], path: str, value: str, where: str) -> None:
    """Set a text that must not contradict the body. Raises BadJson."""
    *parents, name = path.split(".")
    for parent in parents:
        fields = fields.setdefault(parent, {})
    if fields.setdefault(name, value) not in (value, ""):
        raise BadJson([Fault(camel(name), "CONTRADICTION", f"differs from {where}")])
    if "\0" in value:
        raise BadJson([Fault(camel(name), "NUL_CHARACTER", "must not contain U+0000")])
    fields[name] = value


def put_key(route: Route, fields: dict[str, Any], key: str) -> None:
    """Raises BadJson."""
    if len(key) > LONGEST_KEY:
        raise BadJson([Fault("Idempotency-Key", "OUT_OF_RANGE", f"longer than {LONGEST_KEY} characters")])
    if route.takes_request_id:
        put(fields, "request_id", str(uuid.uuid5(KEYS, key)), "Idempotency-Key")
