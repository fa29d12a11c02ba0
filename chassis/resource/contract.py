"""Nouns of the whole suite, by what their contracts say of them: of another service's, nothing else is known here."""

from functools import cache
from importlib import import_module

from google.protobuf.message_factory import GetMessageClass

from chassis.resource.noun import Noun, permission_of

LAST_COMMON = 10  # `team_id`


@cache
def noun_named(permission: str) -> Noun | None:
    """`sales.opportunity`; None where there is no such noun."""
    service, _, name = permission.partition(".")
    try:
        file = import_module(f"kith.{service}.v1.{name}_pb2").DESCRIPTOR
    except (ImportError, TypeError, ValueError):
        return None
    for message in file.message_types_by_name.values():
        if permission_of(message) == permission:
            return Noun(GetMessageClass(message))
    return None


def own_fields_of(permission: str) -> list[str]:
    """All its fields but those that tell which record it is, since when, and whose."""
    noun = noun_named(permission)
    return [name for name, one in noun.fields.items() if one.descriptor.number > LAST_COMMON] if noun else []
