"""What every event says of itself before it is opened: CloudEvents 1.0 in Kafka's binary mode, all headers text."""

from gateway.openapi.schemas import Schema

UUID: Schema = {"type": "string", "format": "uuid"}
HEADERS: Schema = {
    "type": "object",
    "required": [
        *("ce_specversion", "ce_id", "ce_type", "ce_source", "ce_subject", "ce_time"),
        *("ce_tenantid", "ce_sequence", "content-type"),
    ],
    "properties": {
        "ce_specversion": {"const": "1.0"},
        "ce_id": UUID | {"description": "Of the event, a UUIDv7; the same when it comes again."},
        "ce_type": {"type": "string", "description": "`kith.<service>.<noun>.<verb>.v1`."},
        "ce_source": {"type": "string", "format": "uri-reference", "description": "`/<service>/<noun>`."},
        "ce_subject": UUID | {"description": "The record it happened to, which is the key too."},
        "ce_time": {
            "type": "string",
            "format": "date-time",
            "description": "When it was written, by RFC 3339, in UTC.",
        },
        "ce_tenantid": UUID | {"description": "Whose record it is."},
        "ce_sequence": {
            "type": "string",
            "pattern": "^[1-9][0-9]*$",
            "description": "1, 2, 3 … for each record, without holes: a decimal number, to be compared as one.",
        },
        "content-type": {"const": "application/protobuf"},
        "traceparent": {
            "type": "string",
            "description": "W3C Trace Context of what led to it, from the web request on; not on every event.",
        },
        "ce_credential": {
            "type": "string",
            "description": "`sessions/<id>` of who did it; not on what a key, a job or another event led to.",
        },
        "ce_address": {"type": "string", "description": "The network address the call came from, where one did."},
    },
}
