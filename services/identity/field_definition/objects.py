"""The nouns that fields are added to, as their contracts have them: which take any, and what formulas read of them."""

from google.protobuf.descriptor import FieldDescriptor

from chassis.custom.functions import DATE, FLAG, MOMENT, NUMBER, TEXT
from chassis.errors import InvalidArgument
from chassis.resource.contract import noun_named
from chassis.resource.noun import Noun
from chassis.sealed.fields import sealed_fields

_MESSAGES = {"kith.v1.Money": NUMBER, "google.type.Date": DATE, "google.protobuf.Timestamp": MOMENT}
_SCALARS = {
    FieldDescriptor.TYPE_STRING: TEXT,
    FieldDescriptor.TYPE_ENUM: TEXT,
    FieldDescriptor.TYPE_INT32: NUMBER,
    FieldDescriptor.TYPE_INT64: NUMBER,
    FieldDescriptor.TYPE_DOUBLE: NUMBER,
    FieldDescriptor.TYPE_BOOL: FLAG,
}
_UNREAD = {"etag", "delete_time", "purge_time", "update_time", "updater_id"}  # they change with the write itself


def object_of(name: str) -> Noun:
    """A noun that takes custom fields. Raises InvalidArgument."""
    found = noun_named(name)
    if found is None or not found.options.custom_fields:
        raise InvalidArgument.of("object", f"{name!r} is no noun that takes custom fields")
    return found


def refuse_no_target(name: str) -> None:
    """What a reference may point at is any noun. Raises InvalidArgument."""
    if noun_named(name) is None:
        raise InvalidArgument.of("target", f"{name!r} is no noun")


def own_names(noun: Noun) -> set[str]:
    return {said for name, field in noun.fields.items() for said in (name, field.descriptor.json_name)}


def readable(noun: Noun) -> dict[str, str]:
    """The noun's own fields that a formula may read, and as what: none that is sealed, or its result would tell it."""
    closed = _UNREAD.union(sealed_fields(noun.descriptor))
    kinds = {name: _kind(field.descriptor) for name, field in noun.fields.items() if name not in closed}
    return {name: kind for name, kind in kinds.items() if kind}


def _kind(field: FieldDescriptor) -> str:
    if field.is_repeated:
        return ""
    return _MESSAGES.get(field.message_type.full_name, "") if field.message_type else _SCALARS.get(field.type, "")
