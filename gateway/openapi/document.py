"""OpenAPI 3.1 from the same descriptors the routes come from; comments are its descriptions."""

from collections.abc import Mapping

from gateway.contract import Contract
from gateway.nouns import Noun
from gateway.openapi import rooms
from gateway.openapi.comments import comments
from gateway.openapi.operations import operation, path_of
from gateway.openapi.schemas import Schema, Schemas
from gateway.problems import MEDIA_TYPE, STATUSES
from gateway.rpc.routes import Routes
from gateway.session.identity import AUTHENTICATION
from gateway.titles import Titles


def document(contract: Contract, routes: Routes, nouns: Mapping[str, Noun], titles: Titles, cookie: str) -> Schema:
    """Raises TypeError when two messages or two operations would share a name, or a room stands on an rpc's route."""
    schemas = Schemas(comments(contract.files))
    paths: dict[str, Schema] = {}
    for route in routes.all:
        paths.setdefault(path_of(route), {})[route.method.lower()] = operation(route, schemas)
    who_am_i = contract.method(AUTHENTICATION + "WhoAmI")
    for path, item in rooms.paths(nouns, schemas, who_am_i and who_am_i.output_type).items():
        if path in paths:
            raise TypeError(f"{path}: both a room and an rpc")
        paths[path] = item
    _refuse_doubles(paths)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Kith", "version": "1", "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"}},
        "servers": [{"url": "/"}],
        "paths": paths,
        "security": [{"bearer": []}, {"session": [], "csrf": []}],
        "components": {
            "schemas": schemas.made | {"Problem": PROBLEM},
            "responses": {f"Problem{status}": _refused(status) for status in STATUSES},
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer", "description": "An access token or an API key."},
                "session": {"type": "apiKey", "in": "cookie", "name": cookie},
                "csrf": {"type": "apiKey", "in": "header", "name": "X-Kith-Csrf", "description": "Of a change."},
            },
        },
        "tags": [{"name": tag} for tag in sorted({one["tags"][0] for item in paths.values() for one in item.values()})],
        "x-kith-nouns": {noun.name: {"plural": noun.plural, "label": noun.label} for noun in nouns.values()},
        "x-kith-reasons": titles.by_domain,
    }


def _refuse_doubles(paths: Mapping[str, Schema]) -> None:
    seen: dict[str, str] = {}
    for path, item in paths.items():
        for one in item.values():
            if seen.setdefault(one["operationId"], path) != path:
                raise TypeError(f"{path} and {seen[one['operationId']]} are both the operation {one['operationId']}")


def _refused(status: int) -> Schema:
    schema = {"$ref": "#/components/schemas/Problem"}
    return {"description": f"Refused with {status}.", "content": {MEDIA_TYPE: {"schema": schema}}}


PROBLEM: Schema = {
    "type": "object",
    "description": "RFC 9457; `reason` is for programs, `title` for people, `detail` for developers.",
    "required": ["type", "title", "status", "reason", "domain", "errors", "requestId", "traceId"],
    "properties": {
        **{
            name: {"type": "string"}
            for name in ("type", "title", "detail", "instance", "reason", "domain", "requestId", "traceId")
        },
        "status": {"type": "integer"},
        "metadata": {"type": "object", "additionalProperties": {"type": "string"}},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {name: {"type": "string"} for name in ("field", "reason", "message")},
            },
        },
    },
}
