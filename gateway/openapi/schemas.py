"""JSON Schemas of messages: shapes, rules, comments, and what the protos say for screens, as `x-kith-…`."""

from collections.abc import Mapping
from typing import Any

from google.api import field_behavior_pb2 as behavior
from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor

from buf.validate import validate_pb2
from gateway.contract import behaviours, label, resource_of
from gateway.nouns import snake
from kith.v1 import options_pb2

Schema = dict[str, Any]
KNOWN: dict[str, Schema] = {
    "google.protobuf.Timestamp": {"type": "string", "format": "date-time"},
    "google.protobuf.Duration": {"type": "string", "pattern": r"^-?\d+(\.\d{1,9})?s$"},
    "google.protobuf.FieldMask": {"type": "string", "description": "Field names with commas between them."},
    "google.protobuf.Struct": {"type": "object", "additionalProperties": True},
    "google.protobuf.Value": {},
    "google.protobuf.ListValue": {"type": "array", "items": {}},
}
SCALARS: dict[int, Schema] = {
    FieldDescriptor.CPPTYPE_STRING: {"type": "string"},
    FieldDescriptor.CPPTYPE_BOOL: {"type": "boolean"},
    FieldDescriptor.CPPTYPE_INT32: {"type": "integer", "format": "int32", "minimum": -(2**31), "maximum": 2**31 - 1},
    FieldDescriptor.CPPTYPE_UINT32: {"type": "integer", "minimum": 0, "maximum": 2**32 - 1},
    FieldDescriptor.CPPTYPE_INT64: {"type": "string", "format": "int64", "pattern": r"^-?\d{1,19}$"},
    FieldDescriptor.CPPTYPE_UINT64: {"type": "string", "format": "uint64", "pattern": r"^\d{1,20}$"},
    FieldDescriptor.CPPTYPE_FLOAT: {"type": "number", "format": "float"},
    FieldDescriptor.CPPTYPE_DOUBLE: {"type": "number", "format": "double"},
}
TEXTS = {
    "min_len": "minLength", "max_len": "maxLength", "pattern": "pattern", "min_items": "minItems",
    "max_items": "maxItems", "unique": "uniqueItems", "min_pairs": "minProperties", "max_pairs": "maxProperties",
}  # fmt: skip
NUMBERS = {"gte": "minimum", "lte": "maximum", "gt": "exclusiveMinimum", "lt": "exclusiveMaximum"}
MOVED = {"create_time", "update_time", "creator_id"}
FORMATS = {"uuid": "uuid", "email": "email", "uri": "uri"}


class Schemas:
    """`made` are the components so far; `ref` adds what it names. Raises TypeError for two messages of one name."""

    def __init__(self, comments: Mapping[str, str]) -> None:
        self.comments, self.made, self._names = comments, dict[str, Schema](), dict[str, str]()

    def ref(self, message: Descriptor) -> Schema:
        if message.full_name in KNOWN:
            return dict(KNOWN[message.full_name])
        if message.full_name.startswith("google.protobuf.") and message.name.endswith("Value"):
            schema = self.field(message.fields[0])
            return schema | {"type": [schema["type"], "null"]}
        name = message.full_name.removeprefix(message.file.package + ".")
        if self._names.setdefault(name, message.full_name) != message.full_name:
            raise TypeError(f"{message.full_name} and {self._names[name]} would both be the schema {name}")
        if name not in self.made:
            self.made[name] = {}  # before its fields: a message may hold itself
            self.made[name] = self.object(message)
        return {"$ref": f"#/components/schemas/{name}"}

    def object(self, message: Descriptor, without: frozenset[str] = frozenset()) -> Schema:
        fields = [field for field in message.fields if field.name not in without]
        required = [f.json_name for f in fields if behavior.REQUIRED in behaviours(f) or rules_of(f).required]
        made: Schema = {
            "type": "object",
            "description": self.comments.get(message.full_name, ""),
            "properties": {field.json_name: self.field(field) for field in fields},
            "additionalProperties": False,
        }
        if resource := resource_of(message):
            made |= _said({"x-kith-label": label(resource.label)})
        return made | ({"required": required} if required else {})

    def field(self, field: FieldDescriptor) -> Schema:
        rules = rules_of(field)
        if field.message_type and field.message_type.GetOptions().map_entry:
            value = self._one(field.message_type.fields_by_name["value"])
            schema: Schema = {"type": "object", "additionalProperties": value} | limits(rules.map)
        elif field.is_repeated:
            items = self._one(field)
            items |= limits(rules.repeated.items.string) if rules.repeated.HasField("items") else {}
            schema = {"type": "array", "items": items} | limits(rules.repeated)
        else:
            kind = rules.WhichOneof("type")
            schema = self._one(field) | (_optional(rules, limits(getattr(rules, kind))) if kind else {})
        if comment := self.comments.get(field.full_name):
            schema["description"] = comment
        if permission := moved_by(field):
            said = f"Set by the server, unless whoever holds `{permission}` for the whole tenant says it on creation."
            schema |= {"description": f"{comment or ''} {said}".strip(), "x-kith-migrate": permission}
        elif behavior.OUTPUT_ONLY in behaviours(field):
            schema["readOnly"] = True
        return schema | _said(_for_screens(field))

    def _one(self, field: FieldDescriptor) -> Schema:
        if field.message_type:
            return self.ref(field.message_type)
        if field.enum_type:
            return self._enum(field.enum_type)
        if field.type == field.TYPE_BYTES:
            return {"type": "string", "contentEncoding": "base64"}
        return dict(SCALARS[field.cpp_type])

    def _enum(self, enum: EnumDescriptor) -> Schema:
        told = ((value.name, self.comments.get(f"{enum.full_name}.{value.name}")) for value in enum.values)
        labels = {v.name: label(v.GetOptions().Extensions[options_pb2.value_label]) for v in enum.values}
        return {"type": "string", "enum": [value.name for value in enum.values]} | _said(
            {
                "description": "\n".join(f"{name}: {text}" for name, text in told if text),
                "x-kith-labels": {name: said for name, said in labels.items() if said},
            }
        )


def _for_screens(field: FieldDescriptor) -> Schema:
    options = field.GetOptions().Extensions
    return {
        "x-kith-label": label(options[options_pb2.field_label]),
        "x-kith-reference": options[options_pb2.reference],
        "x-kith-sortable": options[options_pb2.sortable],
        "x-kith-searchable": options[options_pb2.searchable],
        "x-kith-unique": options[options_pb2.unique],
        "x-kith-immutable": behavior.IMMUTABLE in behaviours(field),
        "x-kith-personal": options_pb2.Personal.Name(options[options_pb2.personal]).lower().removesuffix("_unspecified")
        if options[options_pb2.personal]
        else "",
    }


def _said(given: Schema) -> Schema:
    return {name: value for name, value in given.items() if value}


def moved_by(field: FieldDescriptor) -> str:
    """The permission by which a record from another system keeps what this field says; "" where there is none."""
    noun = field.containing_type
    if field.name not in MOVED or noun is None or not resource_of(noun):
        return ""
    file = noun.file
    if f"Create{noun.name}Request" not in file.message_types_by_name:
        return ""
    return f"{file.package.split('.')[-2]}.{snake(noun.name)}.migrate"


def rules_of(field: FieldDescriptor) -> Any:
    return field.GetOptions().Extensions[validate_pb2.field]


def limits(rules: Any) -> Schema:
    """What JSON Schema can say of the rules. Limits of 64-bit numbers are texts here, and are left out."""
    made: Schema = {}
    for field, value in rules.ListFields():
        if field.name in TEXTS:
            made[TEXTS[field.name]] = value
        elif field.name in NUMBERS and field.cpp_type not in (field.CPPTYPE_INT64, field.CPPTYPE_UINT64):
            if field.message_type is None:
                made[NUMBERS[field.name]] = value
        elif field.name in FORMATS and value:
            made["format"] = FORMATS[field.name]
    return made


def _optional(rules: Any, made: Schema) -> Schema:
    """A text that may be empty is not held to its pattern then."""
    if rules.ignore != validate_pb2.IGNORE_IF_ZERO_VALUE:
        return made
    if "pattern" in made:
        made["pattern"] = f"^$|{made['pattern']}"
    made.pop("format", None)
    made.pop("minLength", None)
    return made
