"""AsyncAPI 3.1 from the same descriptors as OpenAPI: which topics there are, and every type of event on them."""

from collections.abc import Mapping

from chassis.events.cloud_event import PROTOBUF
from chassis.events.outbox import BULK, INTERACTIVE, topic_of
from gateway.asyncapi.events import EventType, event_types
from gateway.asyncapi.headers import HEADERS
from gateway.contract import Contract
from gateway.nouns import Noun
from gateway.openapi.comments import comments
from gateway.openapi.schemas import Schema, Schemas

BINDING = {"bindingVersion": "0.5.0"}
# As chassis/events/topics.py makes them; a test holds the two equal, since half the chassis comes with that file.
PARTITIONS, RETENTION_MILLISECONDS = 8, 30 * 24 * 3600 * 1000
SAYS = """What happens in Kith, as CloudEvents 1.0 in Kafka's binary mode.

These topics are **internal to an installation: they carry the events of all tenants**, whole and without regard to
anybody's rights. Whoever reads them has to be trusted like a service, and keeps tenants apart by `ce_tenantid`.

- The value is protobuf. A type `kith.<service>.<noun>.<verb>.v1` carries the message `kith.<service>.v1.<Noun>Event`
  (`x-kith-message`) of the descriptor set at `/contract.binpb`; the schemas here are its JSON form.
- The key is the record's id, placed by murmur2 as Java's clients do, so one record's events are in one partition, in
  order. A record's event can be overtaken only by one on the other lane: compare `ce_sequence`.
- Delivery is at least once: keep `ce_id`, or the last `ce_sequence` of each record, in the transaction of your effect.
- Fields are only ever added. A changed meaning is a new type, published beside the old one."""
LANES = {
    INTERACTIVE: ("", "Everything that happens in {service}, as it happens."),
    BULK: (
        "Bulk",
        "The same events where they follow from bulk work such as an import, so that nobody waits behind it.",
    ),
}


def document(contract: Contract, nouns: Mapping[str, Noun]) -> Schema:
    """Raises TypeError when two messages would share a name."""
    said = comments(contract.files)
    schemas, types = Schemas(said), event_types(contract, nouns, said)
    services = sorted({one.service for one in types})
    lanes = [(service, lane) for service in services for lane in LANES]
    return {
        "asyncapi": "3.1.0",
        "info": {
            "title": "Kith's events",
            "version": "1",
            "description": SAYS,
            "license": {"name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"},
            "x-kith-descriptor-set": "/contract.binpb",
        },
        "defaultContentType": PROTOBUF,
        "servers": {
            "internal": {
                "host": "{brokers}",
                "protocol": "kafka",
                "description": "The installation's own brokers; `KITH_EVENTS` of its services says where.",
                "variables": {"brokers": {"default": "127.0.0.1:9092", "description": "host:port"}},
            }
        },
        "channels": {topic_of(*one): _channel(*one, types) for one in lanes},
        "operations": {_operation_id(*one): _operation(*one) for one in lanes},
        "components": {
            "messages": {one.name: _message(one, schemas) for one in types},
            "schemas": schemas.made | {"EventHeaders": HEADERS},
        },
    }


def _channel(service: str, lane: int, types: list[EventType]) -> Schema:
    topic = topic_of(service, lane)
    settings = {"cleanup.policy": ["delete"], "retention.ms": RETENTION_MILLISECONDS}
    return {
        "address": topic,
        "title": topic,
        "description": LANES[lane][1].format(service=service),
        "servers": [{"$ref": "#/servers/internal"}],
        "messages": {
            one.name: {"$ref": f"#/components/messages/{one.name}"} for one in types if one.service == service
        },
        "bindings": {"kafka": {"topic": topic, "partitions": PARTITIONS, "topicConfiguration": settings, **BINDING}},
        "tags": [{"name": service}, {"name": "internal"}],
    }


def _operation_id(service: str, lane: int) -> str:
    return "publish" + "".join(word.capitalize() for word in service.split("_")) + LANES[lane][0]


def _operation(service: str, lane: int) -> Schema:
    topic = topic_of(service, lane)
    return {
        "action": "send",
        "channel": {"$ref": f"#/channels/{topic}"},
        "summary": f"{service} publishes what happened to its records.",
    }


def _message(one: EventType, schemas: Schemas) -> Schema:
    told = {"ce_type": {"const": one.name}, "ce_source": {"const": f"/{one.service}/{one.noun}"}}
    made: Schema = {
        "name": one.name,
        "title": one.title,
        "summary": one.summary,
        "contentType": PROTOBUF,
        "headers": {"allOf": [{"$ref": "#/components/schemas/EventHeaders"}, {"type": "object", "properties": told}]},
        "payload": schemas.ref(one.message),
        "tags": [{"name": one.service}, {"name": one.noun}],
        "bindings": {
            "kafka": {"key": {"type": "string", "format": "uuid", "description": "The record's id."}, **BINDING}
        },
        "x-kith-message": one.message.full_name,
    }
    return made | ({"x-kith-label": one.label} if one.label else {})
