"""One route as an OpenAPI operation."""

import re
from collections.abc import Iterator
from typing import Any

from gateway.contract import label, service_of
from gateway.openapi.schemas import Schema, Schemas
from gateway.problems import STATUSES
from gateway.rpc.partial import PARAMETER
from gateway.rpc.query import takes_text
from gateway.rpc.routes import Route, field_at
from kith.v1 import options_pb2

ETAG = r'^("\d+"|\*)$'
REFUSALS = {str(s): {"$ref": f"#/components/responses/Problem{s}"} for s in STATUSES if s != 405}
IF_MATCH: Schema = {
    "name": "If-Match",
    "in": "header",
    "description": "The etag this change was made from.",
    "schema": {"type": "string", "pattern": ETAG},
}
IF_NONE_MATCH: Schema = {
    "name": "If-None-Match",
    "in": "header",
    "description": "The etag that is known already: answered with 304 while it is the record's.",
    "schema": {"type": "string"},
}
FIELDS: Schema = {
    "name": PARAMETER,
    "in": "query",
    "description": "Part of the reply, of a list part of each record: names with commas, `amount.currencyCode` below.",
    "schema": {"type": "string"},
}
IDEMPOTENCY_KEY: Schema = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "One effect a key for 24 hours.",
    "schema": {"type": "string", "maxLength": 200},
}


def path_of(route: Route) -> str:
    """{opportunity.id} and {id} are one path, and must have one name."""
    return re.sub(r"\{\w+\.", "{", route.template)


def operation(route: Route, schemas: Schemas) -> Schema:
    comment = schemas.comments.get(route.rpc.full_name, "")
    options = route.rpc.GetOptions().Extensions
    access: Any = options[options_pb2.access]
    reply = {"description": "Done.", "content": {"application/json": {"schema": schemas.ref(route.rpc.output_type)}}}
    made: Schema = {
        "operationId": route.rpc.name,
        "tags": [route.rpc.containing_service.name],
        "summary": comment.partition("\n")[0].partition(". ")[0].rstrip("."),
        "description": comment,
        "parameters": list(parameters(route, schemas)),
        "responses": {"200": reply} | ({"304": {"description": "Not changed."}} if _has_etag(route) else {}) | REFUSALS,
        "x-kith-service": service_of(route.rpc),
    }
    if access.permission:
        made["x-kith-permission"] = access.permission
    if access.public:
        made["security"] = []
    if said := label(options[options_pb2.method_label]):
        made["x-kith-label"] = said
    if route.body_type:
        made["requestBody"] = {"required": True, "content": {"application/json": {"schema": _body(route, schemas)}}}
    return made


def parameters(route: Route, schemas: Schemas) -> Iterator[Schema]:
    request = route.rpc.input_type
    for path in route.parameters:
        name = path.rpartition(".")[2]
        schema = {"type": "string", "format": "uuid"} if name == "id" else schemas.field(field_at(request, path))
        yield {"name": name, "in": "path", "required": True, "schema": schema}
    for field in request.fields if route.body != "*" else ():
        if field.name in {route.body, *route.parameters} or not takes_text(field):
            continue
        schema = schemas.field(field)
        yield {"name": field.json_name, "in": "query", "description": schema.pop("description", ""), "schema": schema}
    if route.method == "GET":
        yield FIELDS
    if route.etag_path:
        yield IF_MATCH
    if _has_etag(route):
        yield IF_NONE_MATCH
    if route.takes_request_id:
        yield IDEMPOTENCY_KEY


def _body(route: Route, schemas: Schemas) -> Schema:
    assert route.body_type
    if route.body == "*":
        return schemas.object(route.body_type, without=frozenset(route.parameters))
    if route.method == "PATCH":  # a patch need not repeat what is required of a whole
        return {name: value for name, value in schemas.object(route.body_type).items() if name != "required"}
    return schemas.ref(route.body_type)


def _has_etag(route: Route) -> bool:
    return route.method == "GET" and "etag" in route.rpc.output_type.fields_by_name
