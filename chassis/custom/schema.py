"""The fields that one tenant added to its nouns, as a caller brings them along."""

import hashlib
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import orjson

from chassis.custom.formula import Tree, order_of, parse
from kith.v1 import custom_pb2
from kith.v1.custom_pb2 import CustomField

KEPT = 500  # tenants whose fields are kept read; many callers of one share them
FORMULA = custom_pb2.FIELD_TYPE_FORMULA
OPEN = "custom_fields"  # the field of a noun that they stand below


class Defined:
    """Those of one noun, by code; all that follows from them is worked out once."""

    def __init__(self, noun: str, fields: Iterable[CustomField]) -> None:
        self.noun = noun
        self.fields = {one.code: one for one in fields}

    @cached_property
    def unique(self) -> tuple[str, ...]:
        return tuple(code for code, one in self.fields.items() if one.unique)

    @cached_property
    def searched(self) -> tuple[str, ...]:
        return tuple(code for code, one in self.fields.items() if one.searchable)

    @cached_property
    def required(self) -> tuple[str, ...]:
        return tuple(code for code, one in self.fields.items() if one.required and not one.deprecated)

    @cached_property
    def defaults(self) -> dict[str, object]:
        said = {code: one.default_value for code, one in self.fields.items() if not one.deprecated}
        return {code: orjson.loads(value) for code, value in said.items() if value}

    @cached_property
    def formulas(self) -> dict[str, Tree]:
        """Each behind those it reads."""
        trees = {code: parse(one.formula) for code, one in self.fields.items() if one.type == FORMULA}
        return {code: trees[code] for code in order_of(trees)}


@dataclass(frozen=True)
class Schema:
    """Of all nouns that have any. Equal definitions are equal schemas, whoever brings them."""

    key: bytes
    nouns: Mapping[str, Defined] = field(default_factory=dict, compare=False)
    told: tuple[CustomField, ...] = field(default=(), compare=False)

    def of(self, noun: str) -> Defined | None:
        return self.nouns.get(noun)


NONE = Schema(b"")  # of tenants that added nothing
UNTOLD = Schema(b"?")  # of a service at its own work, which has not asked what the tenant added
_READ: OrderedDict[bytes, Schema] = OrderedDict()


def schema_of(told: Iterable[CustomField]) -> Schema:
    """The one object for these definitions, while it is kept."""
    fields = tuple(told)
    if not fields:
        return NONE
    digest = hashlib.sha256()
    for one in fields:
        digest.update(one.SerializeToString(deterministic=True) + b"\0")
    key = digest.digest()
    found = _READ.get(key)
    if found is None:
        by_noun: dict[str, list[CustomField]] = {}
        for one in fields:
            by_noun.setdefault(one.object, []).append(one)
        found = _READ[key] = Schema(key, {noun: Defined(noun, some) for noun, some in by_noun.items()}, fields)
        if len(_READ) > KEPT:
            _READ.popitem(last=False)
    else:
        _READ.move_to_end(key)
    return found


def holds(one: CustomField) -> int:
    """What it comes to: of a formula what it works out."""
    return one.formula_type if one.type == FORMULA else one.type
