"""Sensitive fields of a noun: sealed in the message itself before it is written anywhere, opened in replies only.

Between the two everybody sees the token: rows, history, events, other services, verbs and logs. So nothing can be
filtered, sorted, grouped or searched by such a field.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from uuid import UUID

from google.protobuf.descriptor import Descriptor, FieldDescriptor

from chassis.sealed.keys import KeyRing, is_sealed
from kith.v1 import options_pb2

if TYPE_CHECKING:
    from chassis.call import Call

log = logging.getLogger(__name__)


def sealed_fields(noun: Descriptor) -> tuple[str, ...]:
    """Raises TypeError for a field that cannot be sealed: one that is no text, or that records are found by."""
    found = [one for one in noun.fields if one.GetOptions().Extensions[options_pb2.personal] == options_pb2.SENSITIVE]
    for one in found:
        said = one.GetOptions().Extensions
        by = [said[option] for option in (options_pb2.sortable, options_pb2.searchable, options_pb2.unique)]
        if one.type != FieldDescriptor.TYPE_STRING or one.is_repeated or any(by):
            raise TypeError(f"{one.full_name}: only a text that nothing is found by can be sealed")
    return tuple(one.name for one in found)


def seal(call: Call, noun: str, names: Sequence[str], record: Any, before: Any = None) -> None:
    """In place. A value that is as it was before keeps its token, so that nothing is written where nothing changed.

    Raises KeyUnknown.
    """
    for name in names:
        text, old = getattr(record, name), getattr(before, name) if before is not None else ""
        if not text or text == old:
            continue
        ring, place = ring_of(call), place_of(call.caller.tenant_id, noun, record.id, name)
        same = bool(old) and is_sealed(old) and ring.open(place, old) == text
        setattr(record, name, old if same else ring.seal(place, text))


@contextmanager
def without_tokens(names: Sequence[str], record: Any, before: Any) -> Iterator[None]:
    """Rules are about values: what is as it was before was asked then, and is not here meanwhile."""
    kept = {name: getattr(before, name) for name in names if getattr(before, name) == getattr(record, name) != ""}
    for name in kept:
        record.ClearField(name)
    yield
    for name, token in kept.items():
        setattr(record, name, token)


def open_in(ring: KeyRing, tenant_id: UUID, noun: str, name: str, record: Any) -> bool:
    """In place; whether there was anything. What does not open here is not shown."""
    token = getattr(record, name)
    if not is_sealed(token):
        return False
    try:
        setattr(record, name, ring.open(place_of(tenant_id, noun, record.id, name), token))
    except ValueError:
        log.exception("a sealed field does not open", extra={"noun": noun, "record": record.id, "field": name})
        record.ClearField(name)
    return True


def place_of(tenant_id: UUID, noun: str, id: str, name: str) -> bytes:
    """Where a token belongs: copied to another record, or another tenant, it is worth nothing."""
    return f"{tenant_id}/{noun}/{id}/{name}".encode()


def ring_of(call: Call) -> KeyRing:
    """The keys of the call's tenant. Raises KeyUnknown."""
    assert call.means.data_keys is not None, "this process was given no data keys"
    return call.means.data_keys.known(call.caller.tenant_id)
